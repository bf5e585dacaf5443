import {
  auditEntrySchema,
  classResponseSchema,
  completenessSchema,
  consentRecordSchema,
  consentResponseSchema,
  erasureReceiptSchema,
  eventsAnswerSchema,
  studentErasureSchema,
  testCaptureSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  refusalOf,
  read,
  type TestClass,
} from "../api.ts";
import { execute, rows } from "../database.ts";
import { newAssignment, newCourse, notebookOf } from "../work/work.ts";

const consent = async (token: string) =>
  read(await call("/api/v1/consent", { token }), consentResponseSchema);
const choose = (token: string, body: object) => call("/api/v1/consent", { method: "PUT", token, body });
const send = async (token: string, ...events: object[]) => call("/api/v1/events", { token, body: events });

describe("a student's consent", () => {
  it("that is said again is noted once", async () => {
    const made = await newClass({ consent_text: "one" });
    const student = await newStudent(made);
    for (const choice of ["refused", "refused", "accepted", "accepted"]) {
      expect((await choose(student.token, { version: 1, choice })).status).toBe(200);
    }
    const path = `/api/v1/classes/${made.class.id}/consents`;
    const records = await read(await call(path, { token: made.admin }), v.array(consentRecordSchema));
    expect(records.map(({ choice }) => choice)).toEqual(["accepted", "refused"]);
  });

  it("to a version that no class comes to is no choice", async () => {
    const student = await newStudent(await newClass({ consent_text: "one" }));
    const refused = await choose(student.token, { version: 7_468_079_885, choice: "refused" });
    expect(await refusalOf(refused)).toMatchObject({ code: "invalid_body", details: [{ field: "version" }] });
  });

  it("is asked for, chosen and withdrawn by the student, and holds at once", async () => {
    const made = await newClass({ consent_text: "We keep what you run." });
    const student = await newStudent(made);
    expect(await consent(student.token)).toMatchObject({
      text: "We keep what you run.",
      version: 1,
      choice: null,
    });
    await send(student.token, newEvent());
    expect((await choose(student.token, { version: 1, choice: "refused" })).status).toBe(200);
    const refused = await send(student.token, newEvent(), newEvent({ eventType: "help", helpId: "h" }));
    expect(await read(refused, eventsAnswerSchema)).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: "consent_refused" }],
    });
    expect((await choose(student.token, { version: 1, choice: "accepted" })).status).toBe(200);
    expect(await read(await send(student.token, newEvent()), eventsAnswerSchema)).toMatchObject({
      accepted: 1,
    });
    const path = `/api/v1/classes/${made.class.id}/consents`;
    const records = await read(await call(path, { token: made.admin }), v.array(consentRecordSchema));
    expect(records.map(({ choice, version }) => [choice, version])).toEqual([
      ["accepted", 1],
      ["refused", 1],
    ]);
  });

  it("is of the text as it is: another text is another version, and the old one cannot be agreed to", async () => {
    const made = await newClass({ consent_text: "one" });
    const student = await newStudent(made);
    const path = `/api/v1/classes/${made.class.id}`;
    const change = (body: object) => call(path, { method: "PUT", token: made.admin, body });
    expect(await read(await change({ consent_text: "two" }), classResponseSchema)).toMatchObject({
      consent_version: 2,
    });
    expect(await read(await change({ consent_text: "two" }), classResponseSchema)).toMatchObject({
      consent_version: 2,
    });
    expect(await codeOf(await choose(student.token, { version: 1, choice: "accepted" }))).toBe("conflict");
    expect(await consent(student.token)).toMatchObject({ version: 2, choice: null });
  });

  it("is nobody else's to give", async () => {
    const made = await newClass();
    const { token } = await newInstructor(made);
    expect(await codeOf(await choose(token, { version: 1, choice: "accepted" }))).toBe("forbidden");
  });
});

async function tablesWith(studentId: string): Promise<string[]> {
  const tables = await rows(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    [],
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const query = `SELECT 1 AS one FROM "${String(name)}" t WHERE strpos(t::text, $1) > 0`;
    if ((await rows(query, [studentId])).length > 0) found.push(String(name));
  }
  return found;
}

/** Rows as the class's sink leaves them: in this suite a class has no stores. */
async function drained({ class: { id } }: TestClass, studentId: string): Promise<void> {
  const given = [id, studentId];
  const at = "now(), now()";
  await execute("INSERT INTO students (id, name) VALUES ($1, 'Ada') ON CONFLICT DO NOTHING", [studentId]);
  await execute("INSERT INTO student_classes (class_id, student_id) VALUES ($1, $2)", given);
  await execute(
    `INSERT INTO sessions (id, class_id, student_id, session_id, first_event_at, last_event_at)
     VALUES (gen_random_uuid(), $1, $2, 's', ${at})`,
    given,
  );
  await execute(
    `INSERT INTO cell_executions (id, class_id, student_id, execution_id, status, executed_at, client_time, code_content)
     VALUES (gen_random_uuid(), $1, $2, 'e', 'ok', ${at}, '=1+1')`,
    given,
  );
  await execute(
    `INSERT INTO help_requests (id, class_id, student_id, help_id) VALUES (gen_random_uuid(), $1, $2, 'h')`,
    given,
  );
  await execute(
    `INSERT INTO progress_events (id, class_id, student_id, event_id, event_type, event_time, client_time, payload)
     VALUES (gen_random_uuid(), $1, $2, 'q', 'quiz', ${at}, '{"answer":"b"}')`,
    given,
  );
}

async function withWork(made: TestClass) {
  const student = await newStudent(made);
  const fields = { sessionId: "s", notebookPath: "a.ipynb", cellId: "c" };
  await send(
    student.token,
    newEvent({ ...fields, sequence: 1, eventType: "session_start" }),
    newEvent({ ...fields, sequence: 2, eventType: "notebook_open" }),
    newEvent({ ...fields, sequence: 3, eventType: "cell_execution_complete" }),
    newEvent({ ...fields, sequence: 4, eventType: "help", helpId: "h" }),
    newEvent({ ...fields, sequence: 5, eventType: "quiz", answer: "b" }),
  );
  await drained(made, student.studentId);
  return student;
}

const erase = (made: TestClass, studentId: string, token = made.admin) =>
  call(`/api/v1/classes/${made.class.id}/students/${studentId}/erase`, { method: "POST", token });

describe("a student who is erased", () => {
  it("is nowhere any more, and the receipt says so without saying who", async () => {
    const made = await newClass();
    const [gone, kept] = [await withWork(made), await withWork(made)];
    expect(await tablesWith(gone.studentId)).toContain("cell_executions");
    const before = await tablesWith(kept.studentId);
    const text = await (await erase(made, gone.studentId)).text();
    expect(text).not.toContain(gone.studentId);
    const receipt = v.parse(erasureReceiptSchema, JSON.parse(text));
    expect(receipt.erased).toMatchObject({
      class: { log: 5, state: 1 },
      database: { cell_executions: 1, sessions: 1, progress_events: 1, help_requests: 1, students: 1 },
    });
    expect(await tablesWith(gone.studentId)).toEqual(["revocations"]);
    expect(await tablesWith(kept.studentId)).toEqual(before);
    const path = `/api/v1/classes/${made.class.id}`;
    const known = await read(await call(`${path}/completeness`, { token: made.admin }), completenessSchema);
    expect(known.totals.students).toBe(1);
    const receipts = await read(
      await call(`${path}/erasures`, { token: made.admin }),
      v.array(erasureReceiptSchema),
    );
    expect(receipts).toEqual([receipt]);
  });

  it("has no events left among what tests have sent, where others' stay", async () => {
    const made = await newClass();
    const [gone, kept] = [await newStudent(made), await newStudent(made)];
    const path = "/api/v1/test/events/of-both";
    for (const { token } of [gone, kept]) await call(path, { token, body: [newEvent()] });
    const receipt = await read(await erase(made, gone.studentId), erasureReceiptSchema);
    expect(receipt.erased.class).toMatchObject({ captured: 1 });
    const { token } = await newInstructor(made);
    const { events } = await read(await call(path, { token }), testCaptureSchema);
    expect(events.map(({ student_id }) => student_id)).toEqual([kept.studentId]);
  });

  it("is not brought back by what was on its way, with their own token or a class key", async () => {
    const made = await newClass();
    const userId = crypto.randomUUID();
    const student = await newStudent(made, userId);
    await send(student.token, newEvent());
    // Not drained yet.
    await read(await erase(made, student.studentId), erasureReceiptSchema);
    expect(await codeOf(await send(student.token, newEvent()))).toBe("token_revoked");
    expect(await codeOf(await send(made.key, newEvent({ userId })))).toBe("no_good_event");
    expect(await tablesWith(student.studentId)).toEqual(["revocations"]);
    const again = await read(await erase(made, student.studentId), erasureReceiptSchema);
    expect(again.erased).toMatchObject({ class: { log: 0, state: 0 }, database: { students: 0 } });
  });

  it("hands nothing in and chooses nothing with what the Hub gives them anew", async () => {
    const course = await newCourse();
    const assignment = await newAssignment(course);
    const userId = crypto.randomUUID();
    const { studentId } = await newStudent(course.made, userId);
    await read(await erase(course.made, studentId), erasureReceiptSchema);
    const { token } = await newStudent(course.made, userId);
    const body = { assignment_id: assignment.id, notebook_content: notebookOf("1 + 1") };
    expect(await codeOf(await call("/api/v1/submissions", { token, body }))).toBe("forbidden");
    expect(await codeOf(await choose(token, { version: 1, choice: "accepted" }))).toBe("forbidden");
    expect(await tablesWith(studentId)).toEqual(["revocations"]);
  });

  it("is erased from every class at once", async () => {
    const [one, other] = [await newClass(), await newClass()];
    const userId = crypto.randomUUID();
    const { studentId } = await newStudent(one, userId);
    for (const made of [one, other]) {
      await send(made.key, newEvent({ userId }));
      await drained(made, studentId);
    }
    const path = `/api/v1/students/${studentId}`;
    const answer = await call(path, { method: "DELETE", token: one.admin });
    expect((await read(answer, studentErasureSchema)).receipts).toHaveLength(2);
    expect(await tablesWith(studentId)).toEqual(["revocations"]);
  });

  it("is erased by administrators alone, and the audit log tells of it", async () => {
    const made = await newClass();
    const student = await withWork(made);
    const { token } = await newInstructor(made);
    expect(await codeOf(await erase(made, student.studentId, token))).toBe("forbidden");
    await erase(made, student.studentId);
    const path = `/api/v1/classes/${made.class.id}/audit`;
    const entries = await read(await call(path, { token: made.admin }), v.array(auditEntrySchema));
    expect(entries).toMatchObject([{ action: "erased", actor: "admin", student_id: null }]);
    expect(await codeOf(await call(path, { token }))).toBe("forbidden");
  });
});
