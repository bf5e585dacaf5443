import { auditEntrySchema, classStudentSchema, naturalId } from "@cell-monitor/protocol";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { csvRecord } from "../../src/export/csv.ts";
import { pseudonymsOf } from "../../src/privacy/pseudonyms.ts";
import { call, codeOf, newClass, newStudent, read, testEnv, type TestClass } from "../api.ts";
import { execute, rows } from "../database.ts";
import { newHistory } from "../insight/history.ts";

const exported = (made: TestClass, token: string, search = "") =>
  call(`/api/v1/classes/${made.class.id}/export${search}`, { token });

const statementSchema = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  actor: v.strictObject({
    objectType: v.literal("Agent"),
    account: v.strictObject({ homePage: v.pipe(v.string(), v.url()), name: v.string() }),
  }),
  verb: v.strictObject({ id: v.pipe(v.string(), v.url()), display: v.record(v.string(), v.string()) }),
  object: v.strictObject({ objectType: v.literal("Activity"), id: v.pipe(v.string(), v.url()) }),
  result: v.strictObject({
    completion: v.boolean(),
    success: v.optional(v.boolean()),
    duration: v.optional(v.pipe(v.string(), v.regex(/^PT\d+\.\d{2}S$/))),
  }),
  context: v.looseObject({ platform: v.string() }),
  timestamp: v.pipe(v.string(), v.isoTimestamp()),
  version: v.pipe(v.string(), v.regex(/^1\.0\.\d$/)),
});

describe("an export", () => {
  it("has every row once and in order, over many pages, and says that it is complete", async () => {
    const { made, token, ann } = await newHistory();
    await execute(
      `INSERT INTO progress_events (id, class_id, student_id, event_id, event_type, event_time, client_time, payload)
       SELECT gen_random_uuid(), $1, $2, n::text, 'quiz', now() + (n % 7) * interval '1 s', now(), '{}'
       FROM generate_series(1, 450) n`,
      [made.class.id, ann],
    );
    const response = await exported(made, token, "?format=jsonl&table=progress_events");
    const lines = (await response.text()).trimEnd().split("\n");
    const rowSchema = v.looseObject({ id: v.string(), event_time: v.string() });
    const rows = lines.slice(0, -1).map((line) => v.parse(rowSchema, JSON.parse(line)));
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ end: true, rows: rows.length });
    expect(rows.length).toBeGreaterThanOrEqual(450);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const times = rows.map((row) => row.event_time);
    expect(times).toEqual([...times].sort());
  });

  it("as CSV quotes what must be, runs nothing in a spreadsheet, and ends with its count", async () => {
    const { made, token, ann } = await newHistory();
    await execute(
      `INSERT INTO help_requests (id, class_id, student_id, help_id, note, requested_at)
       VALUES (gen_random_uuid(), $1, $2, 'x', $3, now())`,
      [made.class.id, ann, '=HYPERLINK("http://evil")\nline'],
    );
    const text = await (await exported(made, token, "?table=help_requests&from=2020-01-01T00:00:00Z")).text();
    expect(text).toContain(`"'=HYPERLINK(""http://evil"")\nline"`);
    for (const sign of "＝＋－＠\n") expect(csvRecord([`${sign}1`])).toMatch(/^"?'/);
    expect(text).toMatch(/\r\n#end,\d+,*\r\n$/);
    const names = text.slice(0, text.indexOf("\r\n")).split(",");
    expect(names).toContain("note");
    expect(text.trimEnd().split("\r\n").at(-1)?.split(",")).toHaveLength(names.length);
  });

  it("as xAPI is a list of statements, with accounts for actors", async () => {
    const { made, token } = await newHistory();
    const statements = v.parse(
      v.array(statementSchema),
      await (await exported(made, token, "?format=xapi")).json(),
    );
    expect(statements.length).toBeGreaterThan(0);
  });

  it("has for researchers pseudonyms alone, and nothing that somebody typed", async () => {
    const { made, researcher, ann, bob } = await newHistory();
    for (const search of ["?format=jsonl", "?format=xapi", "?table=students", "?table=progress_events"]) {
      const text = await (await exported(made, researcher, search)).text();
      for (const name of [ann, bob, "Ann", "Bob", "code_content", "error_message", "payload", "email"]) {
        expect(text).not.toContain(name);
      }
    }
  });

  it("lets researchers join rows, but by no id that can be made anew of who it was", async () => {
    const { made, researcher, ann } = await newHistory();
    const classId = made.class.id;
    // As the sink names it: of the class, the student and what the client calls the session.
    const id = naturalId("session", classId, ann, "tab-1");
    await execute(
      `INSERT INTO sessions (id, class_id, student_id, session_id, first_event_at, last_event_at)
       VALUES ($1, $2, $3, 'tab-1', now(), now())`,
      [id, classId, ann],
    );
    await execute("UPDATE cell_executions SET session_id = $1 WHERE class_id = $2 AND student_id = $3", [
      id,
      classId,
      ann,
    ]);
    const listed = async (table: string) => {
      const text = await (await exported(made, researcher, `?format=jsonl&table=${table}`)).text();
      expect(text).not.toContain(id);
      const rowSchema = v.looseObject({
        id: v.optional(v.string()),
        session_id: v.optional(v.nullable(v.string())),
      });
      return text
        .trimEnd()
        .split("\n")
        .slice(0, -1)
        .map((line) => v.parse(rowSchema, JSON.parse(line)));
    };
    const [session] = await listed("sessions");
    const runs = await listed("cell_executions");
    expect(runs.filter(({ session_id }) => session_id === session?.id)).toHaveLength(3);
  });

  it("has students for researchers in an order that tells nothing of who they are", async () => {
    const { made, researcher } = await newHistory();
    const classId = made.class.id;
    await execute(
      `WITH s AS (INSERT INTO students (id, name) SELECT gen_random_uuid(), 'S' FROM generate_series(1, 20) RETURNING id)
       INSERT INTO student_classes (class_id, student_id) SELECT $1, id FROM s`,
      [classId],
    );
    await execute("UPDATE student_classes SET joined_at = '2026-05-04T00:00:00Z' WHERE class_id = $1", [
      classId,
    ]);
    const pseudonym = pseudonymsOf(testEnv(), classId);
    const known = await rows(
      "SELECT student_id FROM student_classes WHERE class_id = $1 ORDER BY student_id",
      [classId],
    );
    const byId = await Promise.all(known.map(({ student_id: id }) => pseudonym(String(id))));
    const text = await (await exported(made, researcher, "?format=jsonl&table=students")).text();
    const shown = [...text.matchAll(/"student_id":"([0-9a-f]{16})"/g)].map(([, name]) => name);
    expect(new Set(shown)).toEqual(new Set(byId));
    expect(shown).not.toEqual(byId);
    const list = await call(`/api/v1/classes/${classId}/students`, { token: researcher });
    const names = (await read(list, v.array(classStudentSchema))).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(byId));
    expect(names).not.toEqual(byId);
  });

  it("keeps to the time asked for, and is noted", async () => {
    const { made, token } = await newHistory();
    const text = await (await exported(made, token, "?format=jsonl&from=2100-01-01T00:00:00Z")).text();
    expect(text).toBe('{"end":true,"rows":0}\n');
    const path = `/api/v1/classes/${made.class.id}/audit`;
    const entries = await read(await call(path, { token: made.admin }), v.array(auditEntrySchema));
    const { token: ofStudent } = await newStudent(made);
    const shown = await read(await call("/api/v1/audit", { token: ofStudent }), v.array(auditEntrySchema));
    expect(shown).toEqual(entries);
    const { token: ofAnother } = await newStudent(await newClass());
    expect(await (await call("/api/v1/audit", { token: ofAnother })).json()).toEqual([]);
    expect(entries).toMatchObject([
      {
        action: "exported",
        actor_role: "instructor",
        details: { table: "cell_executions", format: "jsonl" },
      },
    ]);
  });

  it("is not for students or assistants", async () => {
    const { made, ta } = await newHistory();
    const student = await newStudent(made);
    for (const token of [ta, student.token]) {
      expect(await codeOf(await exported(made, token))).toBe("forbidden");
    }
  });
});
