import {
  bearerSchema,
  groupResponseSchema,
  type MemberResponse,
  memberResponseSchema,
  personResponseSchema,
} from "@cell-monitor/protocol";
import { decodeJwt } from "jose";
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
import { dashboardOn, upgrade } from "../watch.ts";

let made: TestClass;
let other: TestClass;
let instructor: string;

beforeAll(async () => {
  [made, other] = [await newClass(), await newClass()];
  instructor = (await newInstructor(made)).token;
});

const root = (of = made) => `/api/v1/classes/${of.class.id}/instructors`;
const person = (fields: object = {}) => ({
  email: `${crypto.randomUUID()}@class.example`,
  name: "Ada",
  ...fields,
});

const add = (body: object, token = made.admin, of = made) => call(root(of), { token, body });
const added = async (fields: object = {}) => read(await add(person(fields)), memberResponseSchema);
const at = (member: Pick<MemberResponse, "id">) => `${root()}/${member.id}`;
const put = (member: MemberResponse, body: object, token = made.admin, headers = {}) =>
  call(at(member), { method: "PUT", token, body, headers });

async function tokenOf({ id }: Pick<MemberResponse, "id">, of = made): Promise<string> {
  const address = `/api/v1/classes/${of.class.id}/instructor-tokens`;
  const issued = await call(address, { token: of.admin, body: { instructor_id: id } });
  return (await read(issued, bearerSchema)).token;
}

async function newSection(name: string, of = made): Promise<string> {
  const body = { class_id: of.class.id, name };
  return (await read(await call("/api/v1/sections", { token: of.admin, body }), groupResponseSchema)).id;
}

describe("who teaches a class", () => {
  it("is listed with what they are in it", async () => {
    const ta = await added({ role: "ta" });
    const listed = await call(`${root()}?role=ta`, { token: instructor });
    expect(await read(listed, v.array(memberResponseSchema))).toContainEqual(ta);
    expect(ta).toMatchObject({ role: "ta", section_ids: null });
    const all = await call(root(), { token: made.admin });
    expect(Number(all.headers.get("x-total-count"))).toBeGreaterThan(1);
  });

  it("is one person in all classes, by their address, whatever its case", async () => {
    const body = person();
    const here = await read(await add(body), memberResponseSchema);
    const there = await read(
      await add({ ...body, email: body.email.toUpperCase(), name: "Somebody else" }, other.admin, other),
      memberResponseSchema,
    );
    expect(there).toMatchObject({ id: here.id, name: "Ada" });
  });

  it("is added once: again as the same changes nothing, as something else is refused", async () => {
    const body = person({ role: "ta" });
    const first = await read(await add(body), memberResponseSchema);
    expect(await read(await add(body), memberResponseSchema)).toEqual(first);
    expect(await codeOf(await add({ ...body, role: "instructor" }))).toBe("conflict");
  });

  it("is for an administrator to say, but for teaching assistants", async () => {
    expect(await codeOf(await add(person(), instructor))).toBe("forbidden");
    const ta = await read(await add(person({ role: "ta" }), instructor), memberResponseSchema);
    expect(await codeOf(await put(ta, { role: "instructor" }, instructor))).toBe("forbidden");
    const removed = await call(at(ta), { method: "DELETE", token: instructor });
    expect(await read(removed, memberResponseSchema)).toEqual(ta);
    const colleague = await added();
    const refused = await call(at(colleague), { method: "DELETE", token: instructor });
    expect(await codeOf(refused)).toBe("forbidden");
  });

  it("is not to be seen from another class, nor by a student", async () => {
    const member = await added();
    const stranger = (await newInstructor(other)).token;
    expect(await codeOf(await call(root(), { token: stranger }))).toBe("class_not_found");
    expect(await codeOf(await put(member, { role: "ta" }, stranger))).toBe("class_not_found");
    const student = await newStudent(made);
    expect(await codeOf(await call(root(), { token: student.token }))).toBe("forbidden");
    const elsewhere = await call(`${root(other)}/${member.id}`, { method: "DELETE", token: other.admin });
    expect(await codeOf(elsewhere)).toBe("not_found");
  });

  it("cannot be added to a class that isn't there", async () => {
    const address = `/api/v1/classes/${crypto.randomUUID()}/instructors`;
    expect(await codeOf(await call(address, { token: made.admin, body: person() }))).toBe("class_not_found");
    expect(await codeOf(await call(address, { token: made.admin }))).toBe("class_not_found");
  });

  it("loses what they were given when they are taken out, and gets in again when added", async () => {
    const body = person();
    const member = await read(await add(body), memberResponseSchema);
    const token = await tokenOf(member);
    const address = `/api/v1/classes/${made.class.id}`;
    expect((await call(address, { token })).status).toBe(200);
    const { socket } = dashboardOn(await upgrade(`/api/v1/live/${made.class.id}`, token));
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener("close", ({ code }) => resolve(code)),
    );
    await call(at(member), { method: "DELETE", token: made.admin });
    expect(await closed).toBe(4403);
    expect(await codeOf(await call(address, { token }))).toBe("token_revoked");
    await add(body);
    expect((await call(address, { token: await tokenOf(member) })).status).toBe(200);
  });

  it("has to log in anew as what they become", async () => {
    const member = await added();
    const token = await tokenOf(member);
    expect(await read(await put(member, { role: "ta" }), memberResponseSchema)).toMatchObject({ role: "ta" });
    expect(await codeOf(await call(root(), { token }))).toBe("token_revoked");
    const anew = await tokenOf(member);
    expect((await call(root(), { token: anew })).status).toBe(200);
    expect(await codeOf(await call("/api/v1/teams", { token: anew, body: {} }))).toBe("forbidden");
  });

  it("stays logged in where a change names nothing, or comes too late", async () => {
    const member = await added();
    const token = await tokenOf(member);
    expect((await put(member, {})).status).toBe(200);
    const stale = await put(member, { role: "ta" }, made.admin, { "if-match": '"7"' });
    expect(await codeOf(stale)).toBe("precondition_failed");
    expect((await call(root(), { token })).status).toBe(200);
  });
});

describe("a teaching assistant's sections", () => {
  const claimed = async (member: MemberResponse) => decodeJwt(await tokenOf(member))["sec"];

  it("stand in what they are given", async () => {
    const [one, two] = [await newSection("Mon"), await newSection("Tue")];
    const ta = await added({ role: "ta", section_ids: [one] });
    expect(ta.section_ids).toEqual([one]);
    expect(await claimed(ta)).toEqual({ [made.class.id]: [one] });
    const moved = await read(await put(ta, { section_ids: [two] }), memberResponseSchema);
    expect(await claimed(moved)).toEqual({ [made.class.id]: [two] });
    const freed = await read(await put(ta, { section_ids: null }), memberResponseSchema);
    expect(await claimed(freed)).toBe(undefined);
  });

  it("end what shows them the old ones, be it open, once they are others", async () => {
    const [one, two] = [await newSection("Sat"), await newSection("Sun")];
    const live = `/api/v1/live/${made.class.id}`;
    for (const sections of [[two], [one, two], null]) {
      const ta = await added({ role: "ta", section_ids: [one] });
      const token = await tokenOf(ta);
      const { socket } = dashboardOn(await upgrade(live, token));
      const closed = new Promise<number>((resolve) =>
        socket.addEventListener("close", ({ code }) => resolve(code)),
      );
      await put(ta, { section_ids: sections });
      expect(await closed).toBe(4403);
      expect(await codeOf(await upgrade(live, token))).toBe("token_revoked");
      dashboardOn(await upgrade(live, await tokenOf(ta))).close();
    }
  });

  it("leave them nothing when the last is removed, instead of the whole class", async () => {
    const section = await newSection("Wed");
    const ta = await added({ role: "ta", section_ids: [section] });
    await call(`/api/v1/sections/${section}`, { method: "DELETE", token: made.admin });
    expect(await claimed(ta)).toEqual({ [made.class.id]: [] });
  });

  it("are sections of the class", async () => {
    const theirs = await newSection("Theirs", other);
    for (const section of [theirs, crypto.randomUUID()]) {
      const refused = await add(person({ role: "ta", section_ids: [section] }));
      expect(await refusalOf(refused)).toMatchObject({
        code: "invalid_body",
        details: [{ field: "section_ids" }],
      });
    }
    const ta = await added({ role: "ta" });
    expect(await codeOf(await put(ta, { section_ids: [theirs] }))).toBe("invalid_body");
  });

  it("are an assistant's only", async () => {
    const section = await newSection("Thu");
    expect(await codeOf(await add(person({ section_ids: [section] })))).toBe("invalid_body");
    const ta = await added({ role: "ta", section_ids: [section] });
    const promoted = await read(await put(ta, { role: "instructor" }), memberResponseSchema);
    expect(promoted).toMatchObject({ role: "instructor", section_ids: null });
  });
});

describe("people who may log in", () => {
  const path = "/api/v1/instructors";

  it("are made, found, changed and removed by administrators", async () => {
    const body = person({ role: "researcher" });
    const one = await read(await call(path, { token: made.admin, body }), personResponseSchema);
    const found = await call(`${path}?email=${encodeURIComponent(body.email)}`, { token: made.admin });
    expect(await read(found, v.array(personResponseSchema))).toEqual([one]);
    expect(await codeOf(await call(path, { token: made.admin, body }))).toBe("conflict");
    const renamed = await call(`${path}/${one.id}`, {
      method: "PUT",
      token: made.admin,
      body: { name: "Grace" },
    });
    expect(await read(renamed, personResponseSchema)).toMatchObject({ name: "Grace", role: "researcher" });
    const removed = await call(`${path}/${one.id}`, { method: "DELETE", token: made.admin });
    expect(await read(removed, personResponseSchema)).toMatchObject({ id: one.id });
    expect(await codeOf(await call(`${path}/${one.id}`, { token: made.admin }))).toBe("not_found");
  });

  it("are out of all classes, with all they were given, once they are removed", async () => {
    const member = await added();
    const token = await tokenOf(member);
    await call(`${path}/${member.id}`, { method: "DELETE", token: made.admin });
    expect(await codeOf(await call(root(), { token }))).toBe("token_revoked");
    const left = await read(await call(root(), { token: made.admin }), v.array(memberResponseSchema));
    expect(left.map(({ id }) => id)).not.toContain(member.id);
  });

  it("are an administrator's to see", async () => {
    expect(await codeOf(await call(path, { token: instructor }))).toBe("forbidden");
  });
});
