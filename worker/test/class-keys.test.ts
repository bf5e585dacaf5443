import { keyRecordSchema, keyResponseSchema, studentCredentialSchema } from "@cell-monitor/protocol";
import { decodeJwt } from "jose";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { call, codeOf, newClass, newEvent, newStudent, post, read, type TestClass } from "./api.ts";

const dayMs = 24 * 60 * 60 * 1000;

const keysOf = ({ class: { id } }: TestClass) => `/api/v1/classes/${id}/keys`;

async function issue(made: TestClass, body: object = { scopes: ["mint", "ingest"] }) {
  return read(await call(keysOf(made), { token: made.admin, body }), keyResponseSchema);
}

async function list(made: TestClass) {
  const response = await call(keysOf(made), { token: made.admin });
  return { response, keys: await read(response, v.array(keyRecordSchema)) };
}

function mint(key: string) {
  return call("/api/v1/auth/student-credential", { token: key, body: { userId: crypto.randomUUID() } });
}

const refresh = (refreshToken: string) => call("/api/v1/auth/token", { body: { refreshToken } });

describe("a class key", () => {
  it("lives a year unless told otherwise, and says until when", async () => {
    const made = await newClass();
    for (const [given, days] of [
      [undefined, 365],
      [30, 30],
    ] as const) {
      const key = await issue(made, {
        scopes: ["mint"],
        ...(given !== undefined && { lifetime_days: given }),
      });
      const expiresMs = Date.parse(key.expires_at);
      expect(Math.abs(expiresMs - Date.now() - days * dayMs)).toBeLessThan(60_000);
      expect(Math.abs((decodeJwt(key.key).exp ?? 0) * 1000 - expiresMs)).toBeLessThan(1_000);
    }
  });

  it.for([
    { scopes: [] },
    { scopes: ["everything"] },
    { scopes: ["mint"], lifetime_days: 0 },
    { scopes: ["mint"], lifetime_days: 731 },
    { scopes: ["mint"], lifetime_days: 1.5 },
    { scopes: ["mint"], name: "\u200B" },
    {},
  ])("is refused with the body %j", async (body) => {
    const made = await newClass();
    expect(await codeOf(await call(keysOf(made), { token: made.admin, body }))).toBe("invalid_body");
  });

  it("is listed by everything but itself", async () => {
    const made = await newClass();
    const { key, ...record } = await issue(made, { scopes: ["mint"], name: "Hub" });
    const { response, keys } = await list(made);
    expect(keys[0]).toEqual(record);
    expect(response.headers.get("x-total-count")).toBe("2");
    expect(JSON.stringify(keys)).not.toContain(key);
  });

  it("can be listed in parts", async () => {
    const made = await newClass();
    await issue(made);
    const part = await call(`${keysOf(made)}?skip=1&limit=1`, { token: made.admin });
    expect(part.headers.get("x-total-count")).toBe("2");
    expect(await read(part, v.array(keyRecordSchema))).toHaveLength(1);
    const beyond = await call(`${keysOf(made)}?skip=9`, { token: made.admin });
    expect(beyond.headers.get("x-total-count")).toBe("2");
  });
});

describe("a revoked class key", () => {
  it("ends with every credential that it minted, and no other", async () => {
    const made = await newClass();
    const bad = await issue(made);
    const lost = await read(await mint(bad.key), studentCredentialSchema);
    const kept = await newStudent(made);
    expect(await post(lost.token, newEvent())).toMatchObject({ accepted: 1 });

    const revoked = await call(`${keysOf(made)}/${bad.id}`, { method: "DELETE", token: made.admin });
    expect((await read(revoked, keyRecordSchema)).revoked_at).not.toBeNull();

    expect(await codeOf(await mint(bad.key))).toBe("token_revoked");
    expect(
      await codeOf(await call("/api/v1/events", { token: bad.key, body: newEvent({ userId: "a" }) })),
    ).toBe("token_revoked");
    expect(await codeOf(await call("/api/v1/events", { token: lost.token, body: newEvent() }))).toBe(
      "token_revoked",
    );
    expect(await codeOf(await refresh(lost.refreshToken))).toBe("token_revoked");
    expect(await post(kept.token, newEvent())).toMatchObject({ accepted: 1 });
    expect((await refresh(kept.refreshToken)).status).toBe(200);
    expect(await post(made.key, newEvent({ userId: "a" }))).toMatchObject({ accepted: 1 });
  });

  it("ends what was refreshed of what it minted, too", async () => {
    const made = await newClass();
    const bad = await issue(made);
    const minted = await read(await mint(bad.key), studentCredentialSchema);
    const renewed = await read(await refresh(minted.refreshToken), studentCredentialSchema);
    await call(`${keysOf(made)}/${bad.id}`, { method: "DELETE", token: made.admin });
    expect(await codeOf(await call("/api/v1/events", { token: renewed.token, body: newEvent() }))).toBe(
      "token_revoked",
    );
  });

  it("may be revoked twice, and is no other class's to revoke", async () => {
    const made = await newClass();
    const key = await issue(made);
    const other = await newClass();
    const path = `${keysOf(made)}/${key.id}`;
    expect(
      await codeOf(await call(`${keysOf(other)}/${key.id}`, { method: "DELETE", token: made.admin })),
    ).toBe("not_found");
    const first = await read(await call(path, { method: "DELETE", token: made.admin }), keyRecordSchema);
    const second = await read(await call(path, { method: "DELETE", token: made.admin }), keyRecordSchema);
    expect(second).toEqual(first);
  });
});

describe("a class key that another takes the place of", () => {
  const rotate = (made: TestClass, id: string, body: object = {}) =>
    call(`${keysOf(made)}/${id}/rotate`, { token: made.admin, body });

  it("stands until it is revoked, and what it minted with it", async () => {
    const made = await newClass();
    const old = await issue(made, { scopes: ["mint"], name: "Hub" });
    const made2 = await read(await rotate(made, old.id), keyResponseSchema);
    expect(made2).toMatchObject({ scopes: ["mint"], name: "Hub", revoked_at: null });
    expect((await mint(old.key)).status).toBe(200);
    expect((await mint(made2.key)).status).toBe(200);
    const { keys } = await list(made);
    expect(keys.find(({ id }) => id === old.id)).toMatchObject({ replaced_by: made2.id, ends_at: null });
  });

  it("ends with the grace it was given; what it minted lives on", async () => {
    const made = await newClass();
    const old = await issue(made);
    const student = await read(await mint(old.key), studentCredentialSchema);
    await read(await rotate(made, old.id, { grace_hours: 0 }), keyResponseSchema);
    expect(await codeOf(await mint(old.key))).toBe("token_revoked");
    expect(
      await codeOf(await call("/api/v1/events", { token: old.key, body: newEvent({ userId: "a" }) })),
    ).toBe("token_revoked");
    expect(await post(student.token, newEvent())).toMatchObject({ accepted: 1 });
    expect((await refresh(student.refreshToken)).status).toBe(200);
  });

  it("stands while the grace lasts", async () => {
    const made = await newClass();
    const old = await issue(made);
    await rotate(made, old.id, { grace_hours: 24 });
    expect((await mint(old.key)).status).toBe(200);
  });

  it("is replaced once, and not when it is void", async () => {
    const made = await newClass();
    const old = await issue(made);
    expect((await rotate(made, old.id)).status).toBe(201);
    expect(await codeOf(await rotate(made, old.id))).toBe("not_found");
    const revoked = await issue(made);
    await call(`${keysOf(made)}/${revoked.id}`, { method: "DELETE", token: made.admin });
    expect(await codeOf(await rotate(made, revoked.id))).toBe("not_found");
    expect(await codeOf(await rotate(made, crypto.randomUUID()))).toBe("not_found");
  });
});
