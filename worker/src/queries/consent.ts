import {
  consentRecordSchema,
  consentResponseSchema,
  createdId,
  erasedStudentHash,
  type Page,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database } from "./database.ts";
import { listPage } from "./list-page.ts";
import { isoTime } from "./time.ts";

/** What a student is asked, and what they chose last. Undefined where there is no such class. */
export async function consentOf(db: Database, classId: string, studentId: string) {
  const [row] = await db.rows(
    v.object({ consent: consentResponseSchema }),
    `SELECT json_build_object(
       'class_id', c.id, 'version', c.consent_version, 'text', c.consent_text, 'capture_level', c.capture_level,
       'retention_days', c.retention_days, 'choice', l.choice, 'chosen_version', l.version,
       'chosen_at', ${isoTime("l.at")}
     ) AS consent FROM classes c LEFT JOIN LATERAL (
       SELECT * FROM consents co WHERE co.class_id = c.id AND co.student_id = $2
       ORDER BY co.at DESC, co.id DESC LIMIT 1
     ) l ON true WHERE c.id = $1`,
    [classId, studentId],
  );
  return row?.consent;
}

/** Notes a choice, if it is of the text as it is now and they were not erased; the same again is noted once. @returns whether it is */
export async function choose(
  db: Database,
  classId: string,
  studentId: string,
  { version, choice }: { readonly version: number; readonly choice: string },
): Promise<boolean> {
  const noted = await db.rows(
    v.object({ id: v.string() }),
    `WITH last AS (
       SELECT version, choice FROM consents WHERE class_id = $2 AND student_id = $3::uuid
       ORDER BY at DESC, id DESC LIMIT 1
     ), asked AS (
       SELECT id, consent_version FROM classes WHERE id = $2 AND consent_version = $4
         AND NOT EXISTS (SELECT FROM erased_students WHERE class_id = $2 AND student_hash = $6)
     ), noted AS (
       INSERT INTO consents (id, class_id, student_id, version, choice)
       SELECT $1::uuid, id, $3::uuid, consent_version, $5 FROM asked
       WHERE NOT EXISTS (SELECT FROM last WHERE version = $4 AND choice = $5)
     ) SELECT id FROM asked`,
    [createdId(Date.now()), classId, studentId, version, choice, erasedStudentHash(classId, studentId)],
  );
  return noted.length > 0;
}

/** Every choice that a class's students made, the newest first. */
export function listConsents(db: Database, classId: string, page: Page) {
  const query = {
    row: consentRecordSchema,
    columns: `id, student_id, version, choice, ${isoTime("at")} AS at`,
    from: "FROM consents WHERE class_id = $1",
    order: "consents.at DESC, id DESC",
    parameters: [classId],
  };
  return listPage(db, query, page);
}
