/** One line of what happened; where it goes is the caller's affair. Never given a secret. */
export type Log = (event: string, details?: Readonly<Record<string, unknown>>) => void;

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
