import * as v from "valibot";
import type { ClassState } from "../state/class-state.ts";

/** What of a student a class has removed, by where it was. */
export interface ErasedFromClass {
  readonly log: number;
  readonly sessions: number;
  readonly ids: number;
  readonly letters: number;
  readonly notices: number;
  /** 1 where the class knew the student, 0 where it didn't. */
  readonly state: number;
}

const idsSchema = v.array(v.string());
type Row = { key: number; body: string };

/** Removes a student from the rows beside log and checkpoint. Part of a transaction. */
export function eraseRows(sql: SqlStorage, studentId: string): Omit<ErasedFromClass, "log" | "state"> {
  const prefix = `${studentId}/`;
  const removed = (query: string, ...values: string[]) => sql.exec(query, ...values).toArray().length;
  let ids = 0;
  const rows = sql.exec<Row>("SELECT received_ms AS key, body FROM unnumbered").toArray();
  for (const { key, body } of rows) {
    const known = v.parse(idsSchema, JSON.parse(body));
    const left = known.filter((id) => !id.startsWith(prefix));
    if (left.length === known.length) continue;
    ids += known.length - left.length;
    sql.exec("UPDATE unnumbered SET body = ? WHERE received_ms = ?", JSON.stringify(left), key);
  }
  const letters = removed(
    "DELETE FROM dead_letters WHERE json_extract(body, '$.studentId') = ? RETURNING id",
    studentId,
  );
  const notices = removed("DELETE FROM notices WHERE student_id = ? RETURNING id", studentId);
  sql.exec("DELETE FROM notices_told WHERE student_id = ?", studentId);
  const sessions = removed(
    "DELETE FROM sessions WHERE substr(key, 1, CAST(? AS INTEGER)) = ? RETURNING key",
    String(prefix.length),
    prefix,
  );
  return { ids, letters, notices, sessions };
}

/** Removes a student from what the class knows. What they had a part in is counted on, and nobody's. */
export function eraseState({ sessions, students, board }: ClassState, studentId: string): number {
  for (const known of [sessions, board.minutes.hands]) {
    for (const key of known.keys()) if (key.startsWith(`${studentId}/`)) known.delete(key);
  }
  // In their order, which is that of their numbers.
  const numbers = [...board.students];
  board.students.clear();
  for (const [id, number] of numbers) board.students.set(id === studentId ? `erased-${number}` : id, number);
  const isKnown = students.has(studentId);
  students.forget(studentId);
  return isKnown ? 1 : 0;
}
