import { loginLinkResponseSchema } from "@cell-monitor/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  origin,
  read,
} from "../../worker/test/api.ts";
import type { TestClass } from "../../worker/test/api.ts";
import { forge } from "../../worker/test/forge.ts";

let made: TestClass;
let token: string;

beforeAll(async () => {
  made = await newClass();
  token = (await newStudent(made)).token;
});

const postWith = (headers: Readonly<Record<string, string>>, body: unknown = newEvent()) =>
  call("/api/v1/events", { body, headers });

describe("a header that comes twice, which arrives with a comma between, is refused", () => {
  it("Authorization: unauthenticated", async () => {
    for (const authorization of [
      `Bearer ${token}, Bearer ${made.admin}`,
      `Bearer ${token},`,
      `Basic a, Bearer ${token}`,
    ]) {
      expect(await codeOf(await postWith({ authorization }))).toBe("unauthenticated");
    }
  });

  it("Content-Type and Content-Encoding: unsupported_media_type", async () => {
    const authorization = `Bearer ${token}`;
    const twice = { authorization, "content-type": "application/json, text/plain" };
    expect(await codeOf(await postWith(twice))).toBe("unsupported_media_type");
    const encoded = { authorization, "content-encoding": "gzip, gzip" };
    expect(await codeOf(await postWith(encoded))).toBe("unsupported_media_type");
  });

  it("If-Match: precondition_failed", async () => {
    const asked = { method: "PUT", token: made.admin, body: {}, headers: { "if-match": '"1", "2"' } };
    expect(await codeOf(await call(`/api/v1/classes/${made.class.id}`, asked))).toBe("precondition_failed");
  });
});

describe("a header that would change what is asked changes nothing", () => {
  it.for(["x-http-method-override", "x-method-override", "x-http-method"])("%s", async (name) => {
    const headers = { [name]: "DELETE" };
    const path = `/api/v1/classes/${made.class.id}`;
    expect((await call(path, { token: made.admin, headers })).status).toBe(200);
    expect((await call(path, { token: made.admin })).status).toBe(200);
  });

  it.for(["x-original-url", "x-rewrite-url", "x-forwarded-prefix"])("%s", async (name) => {
    const headers = { [name]: "/api/v1/classes" };
    expect(await codeOf(await call("/api/v1/nothing", { token: made.admin, headers }))).toBe("not_found");
  });

  it.for(["host", "x-forwarded-host", "forwarded"])("%s, where links lead", async (name) => {
    const { id } = await newInstructor(made);
    const path = `/api/v1/classes/${made.class.id}/login-links`;
    const headers = { [name]: name === "forwarded" ? "host=evil.example" : "evil.example" };
    const link = await read(
      await call(path, { token: made.admin, body: { instructor_id: id }, headers }),
      loginLinkResponseSchema,
    );
    expect(new URL(link.url).origin).toBe(origin);
  });
});

describe("a credential that is far too long is refused with unauthenticated", () => {
  it("as a bearer's, a cookie's or a subprotocol's", async () => {
    const long = "a".repeat(100_000);
    for (const headers of [
      { authorization: `Bearer ${long}` },
      { authorization: `Bearer ${token}${long}` },
      { authorization: `Bearer ${`${long}.`.repeat(3)}` },
    ]) {
      expect(await codeOf(await postWith(headers))).toBe("unauthenticated");
    }
    const headers = { "sec-websocket-protocol": `cell-monitor.v1, bearer.${long}`, upgrade: "websocket" };
    expect(await codeOf(await call(`/api/v1/live/${made.class.id}`, { headers }))).toBe("unauthenticated");
  });
});

describe("a token that chooses how it is to be verified is refused with unauthenticated", () => {
  it.for<[string, object]>([
    ["by no algorithm", { alg: "none" }],
    ["by another key", { key: new Uint8Array(32) }],
    ["by an empty key's name", { kid: "" }],
    ["by a file", { kid: "../../dev/null" }],
    ["by an object's own members", { kid: "__proto__" }],
    ["by a query", { kid: "' UNION SELECT 'a' --" }],
    ["by another algorithm of the same key", { alg: "HS512" }],
  ])("%s", async ([, forgery]) => {
    const forged = await forge(made.class.id, forgery);
    expect(await codeOf(await postWith({ authorization: `Bearer ${forged}` }))).toBe("unauthenticated");
  });

  it("by a key that it brings or names an address of", async () => {
    const [, payload = "", signature = ""] = token.split(".");
    for (const header of [
      { alg: "HS256", kid: "test", jku: "https://evil.example/keys" },
      { alg: "HS256", kid: "test", jwk: { kty: "oct", k: "AAAA" } },
      { alg: "RS256", kid: "test" },
      { alg: "HS256", kid: "test", crit: ["b64"], b64: false },
    ]) {
      const forged = `${btoa(JSON.stringify(header)).replaceAll("=", "")}.${payload}.${signature}`;
      expect(await codeOf(await postWith({ authorization: `Bearer ${forged}` }))).toBe("unauthenticated");
    }
  });
});

describe("an address written in another way leads past no policy", () => {
  it.for([
    "//api/v1/classes",
    "/api/v1//classes",
    "/API/v1/classes",
    "/api/v1/classes/",
    "/api/v1/classes;a=b",
  ])("%s is not found", async (path) => {
    expect(await codeOf(await call(`${origin}${path}`))).toBe("not_found");
  });

  it("/api/v1/%63lasses asks for a credential, or is not found", async () => {
    expect(["unauthenticated", "not_found"]).toContain(await codeOf(await call("/api/v1/%63lasses")));
  });

  it("HEAD shows no more than GET", async () => {
    expect((await call("/api/v1/classes", { method: "HEAD" })).status).toBe(401);
  });
});
