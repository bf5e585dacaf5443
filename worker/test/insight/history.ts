import { groupResponseSchema } from "@cell-monitor/protocol";
import { call, newClass, newInstructor, read, type TestClass } from "../api.ts";
import { execute } from "../database.ts";
import { forge } from "../forge.ts";

/** A class of which things have been written down: what Ann did, of one section, and Bob, of another. */
export interface History {
  readonly made: TestClass;
  readonly root: string;
  readonly token: string;
  /** Of Ann's section. */
  readonly ta: string;
  readonly researcher: string;
  readonly ann: string;
  readonly bob: string;
  readonly notebook: string;
  tokenOf(studentId: string): Promise<string>;
}

/** Noon of a day: all that happened is told by minutes from there. */
const noonMs = Date.UTC(2026, 4, 4, 12);

export function minute(at: number): string {
  return new Date(noonMs + at * 60_000).toISOString();
}

export async function newHistory(): Promise<History> {
  const made = await newClass();
  const classId = made.class.id;
  const [first, second] = [await newSection(made, "First"), await newSection(made, "Second")];
  const [ann, bob] = [await enrol(classId, "Ann", first), await enrol(classId, "Bob", second)];
  const notebook = crypto.randomUUID();
  await execute(
    `INSERT INTO notebooks (id, class_id, path, name, created_at, updated_at)
     VALUES ($1, $2, 'week1.ipynb', 'week1.ipynb', now(), now())`,
    [notebook, classId],
  );
  const [c1, c2] = [await newCell(classId, notebook, "c1", 0), await newCell(classId, notebook, "c2", 1)];
  const run = (studentId: string, at: number, cell: string, status: string, took = 1000, error = "") =>
    newRun({ classId, studentId, at, notebook, cell, status, took, error });
  await run(ann, 0, c1, "ok", 1000);
  await run(ann, 1, c2, "error", 2000, "NameError");
  await run(ann, 2, c2, "ok", 4000);
  await run(bob, 61, c1, "ok", 3000);
  await run(bob, 61, c2, "error", 500, "NameError");
  await run(bob, 62, c2, "error", 500, "TypeError");
  await run(bob, 62, c2, "aborted", 0);
  await execute(
    `INSERT INTO progress_events (id, class_id, student_id, event_id, event_type, event_time, client_time, payload)
     VALUES (gen_random_uuid(), $1, $2, 'e1', 'checkin', $3, $3, '{}')`,
    [classId, ann, minute(3)],
  );
  await execute(
    `INSERT INTO notebook_accesses
       (id, class_id, student_id, notebook_id, event_id, action, accessed_at, client_time)
     VALUES (gen_random_uuid(), $1, $2, $3, 'e2', 'open', $4, $4)`,
    [classId, ann, notebook, minute(-1)],
  );
  await execute(
    `INSERT INTO help_requests (id, class_id, student_id, help_id, requested_at, open_order)
     VALUES (gen_random_uuid(), $1, $2, 'h1', $3, '1')`,
    [classId, bob, minute(63)],
  );
  return {
    made,
    root: `/api/v1/classes/${classId}`,
    token: (await newInstructor(made)).token,
    ta: await personOf(classId, { role: "ta", sec: { [classId]: [first] } }),
    researcher: await personOf(classId, { role: "researcher" }),
    ann,
    bob,
    notebook,
    tokenOf: (studentId) => forge(classId, { claims: { sub: studentId } }),
  };
}

/** A person with a row, since their standing is asked of it. */
async function personOf(classId: string, claims: object): Promise<string> {
  const id = crypto.randomUUID();
  await execute("INSERT INTO instructors (id, email, name) VALUES ($1, $2, 'Pat')", [
    id,
    `${id}@class.example`,
  ]);
  return forge(classId, { claims: { sub: id, epoch: 1, ...claims } });
}

async function newSection({ admin, class: { id } }: TestClass, name: string): Promise<string> {
  const response = await call("/api/v1/sections", { token: admin, body: { class_id: id, name } });
  return (await read(response, groupResponseSchema)).id;
}

async function enrol(classId: string, name: string, sectionId: string): Promise<string> {
  const id = crypto.randomUUID();
  await execute("INSERT INTO students (id, name) VALUES ($1, $2)", [id, name]);
  await execute(
    "INSERT INTO student_classes (class_id, student_id, section_id, rostered) VALUES ($1, $2, $3, true)",
    [classId, id, sectionId],
  );
  return id;
}

async function newCell(classId: string, notebook: string, cellId: string, position: number): Promise<string> {
  const id = crypto.randomUUID();
  await execute(
    `INSERT INTO cells (id, class_id, notebook_id, cell_id, position, cell_type, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, 'code', now(), now())`,
    [id, classId, notebook, cellId, position],
  );
  return id;
}

interface NewRun {
  readonly classId: string;
  readonly studentId: string;
  readonly at: number;
  readonly notebook: string;
  readonly cell: string;
  readonly status: string;
  readonly took: number;
  readonly error: string;
}

async function newRun({
  classId,
  studentId,
  at,
  notebook,
  cell,
  status,
  took,
  error,
}: NewRun): Promise<void> {
  const id = crypto.randomUUID();
  const failed = error === "" ? null : error;
  await execute(
    `INSERT INTO cell_executions (id, class_id, student_id, notebook_id, cell_id, execution_id, status, executed_at,
       client_time, duration_ms, cell_index, error_name, error_message, error_fingerprint)
     VALUES ($1, $2, $3, $4, $5, gen_random_uuid()::text, $6, $7, $7, $8, 0, $9, $10, $11)`,
    [
      id,
      classId,
      studentId,
      notebook,
      cell,
      status,
      minute(at),
      took,
      failed,
      failed && `${failed} of ${studentId}`,
      failed && `f-${failed}`,
    ],
  );
}
