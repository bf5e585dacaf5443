import { limits, type NoticeFrame, noticeFrameSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

interface Kept {
  readonly id: number;
  readonly atMs: number;
  readonly frame: NoticeFrame;
}

interface Waiting {
  /** By student. */
  readonly letters: Map<string, Kept[]>;
  readonly announcements: Kept[];
  /** The last announcement that a student has been told. */
  readonly through: Map<string, number>;
}

/** What students are still to be told: a bounded number for each, for a day. Read from the disk once a waking. */
export class Notices {
  readonly #sql: SqlStorage;
  #waiting: Waiting | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Keeps something for a student who is not there. */
  keep(studentId: string, frame: NoticeFrame, nowMs: number): void {
    const { letters } = this.#known(nowMs);
    const kept = letters.get(studentId) ?? [];
    kept.push(this.#write(studentId, frame, nowMs));
    for (const { id } of kept.splice(0, kept.length - limits.waitingNotices)) this.#delete(id);
    letters.set(studentId, kept);
  }

  /** Keeps something for all, but for those who have been told already. */
  announce(frame: NoticeFrame, toldStudents: Iterable<string>, nowMs: number): void {
    const { announcements } = this.#known(nowMs);
    announcements.push(this.#write(null, frame, nowMs));
    for (const { id } of announcements.splice(0, announcements.length - limits.waitingNotices)) {
      this.#delete(id);
    }
    for (const studentId of toldStudents) this.#noteTold(studentId);
  }

  /** What a student is to be told, once. */
  take(studentId: string, nowMs: number): NoticeFrame[] {
    const { letters, announcements, through } = this.#known(nowMs);
    const own = letters.get(studentId) ?? [];
    const toldThrough = through.get(studentId) ?? 0;
    const news = announcements.filter(({ id }) => id > toldThrough);
    if (own.length === 0 && news.length === 0) return [];
    letters.delete(studentId);
    if (own.length > 0) this.#sql.exec("DELETE FROM notices WHERE student_id = ?", studentId);
    if (news.length > 0) this.#noteTold(studentId);
    const fresh = [...own, ...news].filter(({ atMs }) => atMs > nowMs - limits.noticeMs);
    return fresh.sort((a, b) => a.id - b.id).map(({ frame }) => frame);
  }

  /** Rows were removed by others. */
  reread(): void {
    this.#waiting = undefined;
  }

  #noteTold(studentId: string): void {
    const latest = this.#waiting?.announcements.at(-1);
    if (!latest) return;
    this.#waiting?.through.set(studentId, latest.id);
    this.#sql.exec(
      "INSERT OR REPLACE INTO notices_told (student_id, through) VALUES (?, ?)",
      studentId,
      latest.id,
    );
  }

  #write(studentId: string | null, frame: NoticeFrame, atMs: number): Kept {
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT INTO notices (student_id, at_ms, body) VALUES (?, ?, ?) RETURNING id",
        studentId,
        atMs,
        JSON.stringify(frame),
      )
      .one();
    return { id, atMs, frame };
  }

  #delete(id: number): void {
    this.#sql.exec("DELETE FROM notices WHERE id = ?", id);
  }

  #known(nowMs: number): Waiting {
    this.#waiting ??= this.#read(nowMs);
    return this.#waiting;
  }

  #read(nowMs: number): Waiting {
    this.#sql.exec("DELETE FROM notices WHERE at_ms <= ?", nowMs - limits.noticeMs);
    const letters = new Map<string, Kept[]>();
    const announcements: Kept[] = [];
    const rows = this.#sql.exec<{ id: number; student_id: string | null; at_ms: number; body: string }>(
      "SELECT id, student_id, at_ms, body FROM notices ORDER BY id",
    );
    for (const { id, student_id: studentId, at_ms: atMs, body } of rows) {
      const kept = { id, atMs, frame: v.parse(noticeFrameSchema, JSON.parse(body)) };
      if (studentId === null) announcements.push(kept);
      else letters.set(studentId, [...(letters.get(studentId) ?? []), kept]);
    }
    if (announcements.length === 0) this.#sql.exec("DELETE FROM notices_told");
    const told = this.#sql.exec<{ student_id: string; through: number }>("SELECT * FROM notices_told");
    return {
      letters,
      announcements,
      through: new Map(Array.from(told, (row) => [row.student_id, row.through])),
    };
  }
}
