import type { RefusedNumber } from "@cell-monitor/protocol";
import * as v from "valibot";
import { groupTexts } from "./parts.ts";

const numberSchema = v.object({ studentId: v.string(), sessionId: v.string(), sequence: v.number() });
const bodySchema = v.array(numberSchema);

/**
 * Numbers of refused events: no events, but acknowledged, so that they must be known after a waking. Kept until the
 * next checkpoint, which has them in its watermarks.
 */
export class RefusedNumbers {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns what was written, in UTF-16 units */
  add(numbers: readonly RefusedNumber[]): number {
    let size = 0;
    const texts = numbers.map((number) => JSON.stringify(number));
    for (const group of groupTexts(texts)) {
      const body = `[${group.join(",")}]`;
      this.#sql.exec("INSERT INTO refused_numbers (body) VALUES (?)", body);
      size += body.length;
    }
    return size;
  }

  all(): RefusedNumber[] {
    const rows = this.#sql.exec<{ body: string }>("SELECT body FROM refused_numbers ORDER BY id").toArray();
    return rows.flatMap(({ body }) => v.parse(bodySchema, JSON.parse(body)));
  }

  /** A checkpoint has them all. */
  clear(): void {
    this.#sql.exec("DELETE FROM refused_numbers");
  }
}
