/** What a handler answers: the body, and what the headers say of it. */
export interface Answered<Value> {
  readonly value: Value;
  /** Length of the whole list of which this is a part. */
  readonly total?: number;
  /** Of the row, for `ETag`. */
  readonly version?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answered<Value>(value: Value, about: Omit<Answered<Value>, "value"> = {}): Answered<Value> {
  return { value, ...about };
}
