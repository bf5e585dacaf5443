import { accept, type ErasureReceipt, refuse, type Result } from "@cell-monitor/protocol";
import type { Principal } from "../auth/claims.ts";
import { eraseFromClass, tellClass } from "../classrooms.ts";
import type { Env } from "../env.ts";
import type { Database } from "../queries/database.ts";
import { beginErasure, eraseRows, keepReceipt } from "../queries/erasure.ts";
import { eraseFromCapture } from "../test-captures.ts";
import { audit } from "./audit.ts";
import { eraseFromInflux } from "./influx-erasure.ts";

export interface Erasing {
  readonly env: Env;
  readonly db: Database;
  readonly who: Principal;
}

const always = [
  "The class's own storage can be restored to a moment of the last 30 days by the platform's operator.",
  "PostgreSQL can be restored for as long as its provider keeps history, and from backups of one's own.",
  "The student's id stays among the class's revocations, so that credentials given out before remain void.",
];
const byInflux: Readonly<Record<ErasureReceipt["erased"]["influx"], readonly string[]>> = {
  erased: [],
  not_set_up: [],
  not_supported: [
    "InfluxDB's server deletes no points on demand: those of the student bear a pseudonym, and stay until the bucket's retention.",
  ],
  failed: [
    "InfluxDB did not answer: points of the student, which bear a pseudonym, stay until this is asked for once more or the bucket's retention.",
  ],
};

/**
 * Takes a student out of a class, wherever it keeps anything. Each step can be done again, and what is on its way in
 * the meantime is refused: if it breaks off, it is asked for once more.
 */
export async function eraseStudent(
  { env, db, who }: Erasing,
  classId: string,
  studentId: string,
): Promise<Result<ErasureReceipt>> {
  if (!(await beginErasure(db, classId, studentId))) {
    return refuse("class_not_found", "There is no such class.");
  }
  const told = await tellClass(env, classId);
  if (!told.ok) return told;
  const fromClass = await eraseFromClass(env, classId, studentId);
  if (!fromClass.ok) return fromClass;
  const captured = await eraseFromCapture(env, classId, studentId);
  if (!captured.ok) return captured;
  const database = await eraseRows(db, classId, studentId);
  const influx = await eraseFromInflux(env, classId, studentId);
  await audit(db, { who, action: "erased", classId });
  const receipt = await keepReceipt(db, {
    class_id: classId,
    requested_by: who.sub,
    erased: { class: { ...fromClass.value, captured: captured.value }, database, influx },
    remains: [...always, ...byInflux[influx]],
  });
  return accept(receipt);
}
