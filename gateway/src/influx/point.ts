import * as v from "valibot";

/** A field's value with its type, which InfluxDB keeps apart. 64-bit integers are decimal text. */
export const FieldValue = v.variant("type", [
  v.object({ type: v.literal("float"), value: v.number() }),
  v.object({ type: v.literal("integer"), value: v.string() }),
  v.object({ type: v.literal("unsigned"), value: v.string() }),
  v.object({ type: v.literal("string"), value: v.string() }),
  v.object({ type: v.literal("boolean"), value: v.boolean() }),
]);
export type FieldValue = v.InferOutput<typeof FieldValue>;

export const StoredPoint = v.object({
  bucket: v.string(),
  measurement: v.string(),
  /** Sorted by key. */
  tags: v.array(v.tuple([v.string(), v.string()])),
  fields: v.array(v.tuple([v.string(), FieldValue])),
  /** Nanoseconds since 1970, in decimal. */
  timestamp: v.string(),
});
export type StoredPoint = v.InferOutput<typeof StoredPoint>;

/** A point as it is shown: an integer that a number can't hold stays text. */
export interface Point {
  readonly bucket: string;
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string | boolean>>;
  /** Nanoseconds since 1970, in decimal. */
  readonly timestamp: string;
}

export function showPoint({ bucket, measurement, tags, fields, timestamp }: StoredPoint): Point {
  return {
    bucket,
    measurement,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(fields.map(([key, field]) => [key, showField(field)])),
    timestamp,
  };
}

function showField({ type, value }: FieldValue): number | string | boolean {
  if (type !== "integer" && type !== "unsigned") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
