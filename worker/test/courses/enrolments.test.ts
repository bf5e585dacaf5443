import {
  bearerSchema,
  type EnrolmentResponse,
  enrolmentResponseSchema,
  groupResponseSchema,
  memberResponseSchema,
  studentIdOf,
  studentResponseSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  newClass,
  newInstructor,
  newStudent,
  read,
  refusalOf,
  type TestClass,
} from "../api.ts";
import { execute } from "../database.ts";
import { studentSocket } from "../student.ts";

let made: TestClass;
let other: TestClass;
let token: string;

beforeAll(async () => {
  [made, other] = [await newClass(), await newClass()];
  token = (await newInstructor(made)).token;
});

const root = (of = made) => `/api/v1/classes/${of.class.id}/enrolments`;
const userId = () => crypto.randomUUID();
const listSchema = v.array(enrolmentResponseSchema);

const enrol = (body: object, bearer = token, of = made) => call(root(of), { token: bearer, body });
const enrolled = async (fields: object = {}) =>
  read(await enrol({ user_id: userId(), name: "Grace", ...fields }), enrolmentResponseSchema);
const at = ({ student_id }: Pick<EnrolmentResponse, "student_id">, of = made) => `${root(of)}/${student_id}`;
const put = (row: EnrolmentResponse, body: object, headers = {}) =>
  call(at(row), { method: "PUT", token, body, headers });

async function newGroup(kind: "teams" | "sections", of = made): Promise<string> {
  const body = { class_id: of.class.id, name: crypto.randomUUID() };
  return (await read(await call(`/api/v1/${kind}`, { token: of.admin, body }), groupResponseSchema)).id;
}

/** As the class's object writes it when events of somebody come. */
async function turnUp(of: TestClass, id: string, name: string): Promise<void> {
  await execute("INSERT INTO students (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", [id, name]);
  await execute("INSERT INTO student_classes (class_id, student_id) VALUES ($1, $2)", [of.class.id, id]);
}

describe("a student of a class", () => {
  it("is put on its roster under the id that their events have", async () => {
    const subject = userId();
    const student = await newStudent(made, subject);
    const row = await enrolled({ user_id: ` ${subject.toUpperCase()} `, email: "GRACE@class.example" });
    expect(row).toMatchObject({
      student_id: student.studentId,
      name: "Grace",
      email: "grace@class.example",
      role: "student",
      rostered: true,
    });
    const shown = await call(at(row), { token });
    expect(shown.headers.get("etag")).toBe(`"${row.version}"`);
    expect(await read(shown, enrolmentResponseSchema)).toEqual(row);
  });

  it("is put on it once", async () => {
    const body = { user_id: userId(), name: "Grace" };
    expect((await enrol(body)).status).toBe(201);
    expect(await refusalOf(await enrol(body))).toMatchObject({
      code: "conflict",
      details: [{ field: "user_id" }],
    });
  });

  it("who turned up first is put on it, too", async () => {
    const subject = userId();
    await turnUp(made, studentIdOf("hub", subject), "g.hopper");
    const unrostered = await read(await call(`${root()}?rostered=false`, { token }), listSchema);
    expect(unrostered.map(({ name }) => name)).toContain("g.hopper");
    const row = await enrolled({ user_id: subject });
    expect(row).toMatchObject({ name: "Grace", user_id: subject, rostered: true });
  });

  it("without a name is called as they log in", async () => {
    const subject = userId();
    const row = await read(await enrol({ user_id: subject }), enrolmentResponseSchema);
    expect(row.name).toBe(subject);
  });

  it("keeps in a second class the name that was written down for them", async () => {
    const subject = userId();
    await enrolled({ user_id: subject, name: "Grace Hopper" });
    const there = await enrol({ user_id: subject, name: "Somebody" }, other.admin, other);
    expect(await read(there, enrolmentResponseSchema)).toMatchObject({ name: "Grace Hopper" });
  });

  it("has a team and a section of the class, which a change can name and empty", async () => {
    const [team_id, section_id] = [await newGroup("teams"), await newGroup("sections")];
    const row = await enrolled({ team_id });
    const placed = await read(await put(row, { section_id }), enrolmentResponseSchema);
    expect(placed).toMatchObject({ team_id, section_id, role: "student", version: row.version + 1 });
    const freed = await read(await put(row, { team_id: null, role: "guest" }), enrolmentResponseSchema);
    expect(freed).toMatchObject({ team_id: null, section_id, role: "guest" });
    const headers = { "if-match": `"${row.version}"` };
    expect(await codeOf(await put(row, { role: "student" }, headers))).toBe("precondition_failed");
    await call(`/api/v1/sections/${section_id}`, { method: "DELETE", token });
    const left = await read(await call(at(row), { token }), enrolmentResponseSchema);
    expect(left.section_id).toBe(null);
  });

  it.for(["team_id", "section_id"] as const)("has no %s of another class", async (field) => {
    const row = await enrolled();
    const theirs = await newGroup(field === "team_id" ? "teams" : "sections", other);
    for (const id of [theirs, crypto.randomUUID()]) {
      expect(await refusalOf(await put(row, { [field]: id }))).toMatchObject({
        code: "invalid_body",
        details: [{ field }],
      });
      const refused = await enrol({ user_id: userId(), [field]: id });
      expect(await refusalOf(refused)).toMatchObject({ code: "invalid_body", details: [{ field }] });
    }
  });

  it("who is taken out has nothing left of the class, and is back with what they are given then", async () => {
    const subject = userId();
    const row = await enrolled({ user_id: subject });
    const before = await newStudent(made, subject);
    const own = `/api/v1/classes/${made.class.id}`;
    expect((await call(own, { token: before.token })).status).toBe(200);
    const { closed } = await studentSocket(`/api/v1/live/${made.class.id}`, before.token);
    const removed = await call(at(row), { method: "DELETE", token });
    expect(await read(removed, enrolmentResponseSchema)).toEqual(row);
    expect(await closed()).toBe(4403);
    expect(await codeOf(await call(own, { token: before.token }))).toBe("token_revoked");
    expect(await codeOf(await call(at(row), { token }))).toBe("not_found");
    const after = await newStudent(made, subject);
    expect((await call(own, { token: after.token })).status).toBe(200);
  });

  it("is not to be seen or changed from another class", async () => {
    const row = await enrolled();
    const stranger = (await newInstructor(other)).token;
    expect(await codeOf(await call(at(row), { token: stranger }))).toBe("class_not_found");
    expect(await codeOf(await call(at(row, other), { token: stranger }))).toBe("not_found");
    const removed = await call(at(row, other), { method: "DELETE", token: stranger });
    expect(await codeOf(removed)).toBe("not_found");
    expect((await call(at(row), { token })).status).toBe(200);
  });

  it("beyond the two thousandth is refused", async () => {
    const full = await newClass();
    await execute(
      `WITH s AS (INSERT INTO students (id, name) SELECT gen_random_uuid(), n::text FROM generate_series(1, 1999) n RETURNING id)
       INSERT INTO student_classes (class_id, student_id, rostered) SELECT $1, id, true FROM s`,
      [full.class.id],
    );
    expect((await enrol({ user_id: userId() }, full.admin, full)).status).toBe(201);
    expect(await codeOf(await enrol({ user_id: userId() }, full.admin, full))).toBe("conflict");
    const page = await call(`${root(full)}?skip=1900&limit=200`, { token: full.admin });
    expect(page.headers.get("x-total-count")).toBe("2000");
    expect(await read(page, listSchema)).toHaveLength(100);
  });

  it("cannot be enrolled where there is no class", async () => {
    const address = `/api/v1/classes/${crypto.randomUUID()}/enrolments`;
    const refused = await call(address, { token: made.admin, body: { user_id: userId() } });
    expect(await codeOf(refused)).toBe("class_not_found");
    expect(await codeOf(await call(address, { token: made.admin }))).toBe("class_not_found");
  });
});

describe("a teaching assistant", () => {
  it("sees the students of their sections only", async () => {
    const [own, theirs] = [await newGroup("sections"), await newGroup("sections")];
    const [mine, hidden] = [await enrolled({ section_id: own }), await enrolled({ section_id: theirs })];
    const body = { email: `${userId()}@class.example`, name: "Tom", role: "ta", section_ids: [own] };
    const instructors = `/api/v1/classes/${made.class.id}/instructors`;
    const { id } = await read(await call(instructors, { token: made.admin, body }), memberResponseSchema);
    const issued = await call(`/api/v1/classes/${made.class.id}/instructor-tokens`, {
      token: made.admin,
      body: { instructor_id: id },
    });
    const { token: ta } = await read(issued, bearerSchema);
    const listed = await call(root(), { token: ta });
    expect(listed.headers.get("x-total-count")).toBe("1");
    expect(await read(listed, listSchema)).toEqual([mine]);
    expect((await call(at(mine), { token: ta })).status).toBe(200);
    expect(await codeOf(await call(at(hidden), { token: ta }))).toBe("not_found");
    expect(await codeOf(await call(at(mine), { method: "DELETE", token: ta }))).toBe("forbidden");
  });
});

describe("students as administrators keep them", () => {
  const path = "/api/v1/students";

  it("are written down, found by how they log in, and changed", async () => {
    const subject = userId();
    const body = { user_id: subject, name: "Grace", email: "grace@class.example" };
    const student = await read(await call(path, { token: made.admin, body }), studentResponseSchema);
    expect(student).toMatchObject({ id: studentIdOf("hub", subject), ...body, rostered: true });
    expect(await codeOf(await call(path, { token: made.admin, body }))).toBe("conflict");
    const found = await call(`${path}?user_id=${subject}&rostered=true`, { token: made.admin });
    expect(await read(found, v.array(studentResponseSchema))).toEqual([student]);
    const change = { email: null };
    const changed = await call(`${path}/${student.id}`, { method: "PUT", token: made.admin, body: change });
    expect(await read(changed, studentResponseSchema)).toMatchObject({ name: "Grace", email: null });
    expect(await codeOf(await call(`${path}/${crypto.randomUUID()}`, { token: made.admin }))).toBe(
      "not_found",
    );
  });

  it("of whom events told are written down then", async () => {
    const subject = userId();
    await turnUp(made, studentIdOf("hub", subject), "g.hopper");
    const body = { user_id: subject, name: "Grace" };
    const student = await read(await call(path, { token: made.admin, body }), studentResponseSchema);
    expect(student).toMatchObject({ name: "Grace", user_id: subject });
  });

  it("are theirs to see alone", async () => {
    expect(await codeOf(await call(path, { token }))).toBe("forbidden");
  });
});
