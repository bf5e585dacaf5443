import { groupResponseSchema } from "@cell-monitor/protocol";
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

let made: TestClass;
let other: TestClass;
let token: string;

beforeAll(async () => {
  [made, other] = [await newClass(), await newClass()];
  token = (await newInstructor(made)).token;
});

describe.for(["teams", "sections"] as const)("%s", (kind) => {
  const root = `/api/v1/${kind}`;
  const make = (name: string, bearer = token, class_id = made.class.id) =>
    call(root, { token: bearer, body: { class_id, name } });
  const one = async (name: string) => read(await make(name), groupResponseSchema);

  it("are made, listed by name, changed and removed by the class's instructor", async () => {
    const [second, first] = [await one("Beta"), await one("Alpha")];
    const listed = await call(`${root}?class_id=${made.class.id}`, { token });
    expect(listed.headers.get("x-total-count")).toBe("2");
    expect((await read(listed, v.array(groupResponseSchema))).map(({ id }) => id)).toEqual([
      first.id,
      second.id,
    ]);
    const body = { description: "Front row" };
    const changed = await call(`${root}/${first.id}`, { method: "PUT", token, body });
    expect(changed.headers.get("etag")).toBe('"2"');
    expect(await read(changed, groupResponseSchema)).toMatchObject({ name: "Alpha", ...body });
    const headers = { "if-match": '"1"' };
    const stale = await call(`${root}/${first.id}`, { method: "DELETE", token, headers });
    expect(await codeOf(stale)).toBe("precondition_failed");
    const removed = await call(`${root}/${first.id}`, { method: "DELETE", token });
    expect(await read(removed, groupResponseSchema)).toMatchObject({ id: first.id, ...body });
    expect(await codeOf(await call(`${root}/${first.id}`, { token }))).toBe("not_found");
  });

  it("have names that no other of the class has", async () => {
    await one("Gamma");
    expect(await refusalOf(await make("Gamma"))).toMatchObject({
      code: "conflict",
      details: [{ field: "name" }],
    });
    expect((await make("Gamma", made.admin, other.class.id)).status).toBe(201);
  });

  it("of another class are none", async () => {
    const theirs = await read(await make("Theirs", other.admin, other.class.id), groupResponseSchema);
    for (const method of ["GET", "PUT", "DELETE"]) {
      const body = method === "PUT" ? { name: "Mine" } : undefined;
      expect(await codeOf(await call(`${root}/${theirs.id}`, { method, token, body }))).toBe("not_found");
    }
    for (const class_id of [other.class.id, crypto.randomUUID()]) {
      expect(await refusalOf(await make("Delta", token, class_id))).toMatchObject({
        code: "invalid_body",
        details: [{ field: "class_id" }],
      });
    }
    const asAdmin = await make("Delta", made.admin, crypto.randomUUID());
    expect(await refusalOf(asAdmin)).toMatchObject({
      code: "invalid_body",
      details: [{ field: "class_id" }],
    });
  });

  it("are not a student's to see", async () => {
    const student = await newStudent(made);
    expect(await codeOf(await call(root, { token: student.token }))).toBe("forbidden");
  });

  it("are no more than a class can have", async () => {
    const full = await newClass();
    const most = kind === "teams" ? 500 : 200;
    await execute(
      `INSERT INTO ${kind} (id, class_id, name) SELECT gen_random_uuid(), $1, n::text FROM generate_series(1, $2::int) n`,
      [full.class.id, most - 1],
    );
    expect((await make("Last", full.admin, full.class.id)).status).toBe(201);
    expect(await refusalOf(await make("Beyond", full.admin, full.class.id))).toMatchObject({
      code: "conflict",
      details: [{ field: "class_id" }],
    });
  });
});
