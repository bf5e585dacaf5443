import { base64url } from "jose";
import { beforeAll, afterEach, describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  expectStillTaken,
  logged,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  read,
  type TestClass,
} from "../../worker/test/api.ts";
import { forge, type Forgery } from "../../worker/test/forge.ts";
import { ticketSchema, type StudentCredential } from "@cell-monitor/protocol";

let made: TestClass;
let student: StudentCredential;
let classId: string;

beforeAll(async () => {
  made = await newClass();
  student = await newStudent(made);
  classId = made.class.id;
});

afterEach(() => expectStillTaken(classId, student.token));

async function postWith(token: string | undefined): Promise<Response> {
  return call("/api/v1/events", { ...(token !== undefined && { token }), body: [newEvent()] });
}

const nowS = () => Math.floor(Date.now() / 1000);

describe("a token is refused", () => {
  it.for<[string, Forgery, string]>([
    ["whose key is another", { key: base64url.decode("x".repeat(43)) }, "unauthenticated"],
    ["whose key's name is unknown", { kid: "other" }, "unauthenticated"],
    ["whose key's name is a trap", { kid: "__proto__" }, "unauthenticated"],
    ["that needs no signature", { alg: "none" }, "unauthenticated"],
    ["of another algorithm under our key", { alg: "HS512", key: new Uint8Array(64) }, "unauthenticated"],
    ["that has expired", { claims: { exp: nowS() - 60 } }, "token_expired"],
    ["that never expires", { claims: { exp: undefined } }, "unauthenticated"],
    ["that doesn't say when it was made", { claims: { iat: undefined } }, "unauthenticated"],
    ["of another issuer", { claims: { iss: "evil" } }, "unauthenticated"],
    ["for another audience", { claims: { aud: "evil" } }, "unauthenticated"],
    ["that is not valid yet", { claims: { nbf: nowS() + 600 } }, "unauthenticated"],
    ["of nobody", { claims: { sub: "" } }, "unauthenticated"],
    ["of a role that there is not", { claims: { role: "root" } }, "unauthenticated"],
    ["for a use that there is not", { claims: { use: "anything" } }, "unauthenticated"],
    ["that is for refreshing", { claims: { use: "refresh" } }, "unauthenticated"],
    ["that is a ticket", { claims: { use: "ticket", jti: "j" } }, "unauthenticated"],
    ["that is a web session's", { claims: { use: "session" } }, "unauthenticated"],
    ["for a class that there is not", { claims: { cls: { [crypto.randomUUID()]: 0 } } }, "class_not_found"],
    ["of no class", { claims: { cls: {} } }, "forbidden"],
    ["of an instructor", { claims: { role: "instructor" } }, "forbidden"],
    ["of an admin", { claims: { role: "admin" } }, "forbidden"],
    ["of a class key without a scope", { claims: { role: "class_key", scopes: [] } }, "forbidden"],
    ["of a class key that may only mint", { claims: { role: "class_key", scopes: ["mint"] } }, "forbidden"],
  ])("%s", async ([, forgery, code]) => {
    expect(await codeOf(await postWith(await forge(classId, forgery)))).toBe(code);
  });

  it("not when it is as it should be", async () => {
    expect((await postWith(await forge(classId))).status).toBe(200);
  });

  it("made under an older version of the class's keys", async () => {
    expect(await codeOf(await postWith(await forge(classId, { claims: { cls: { [classId]: 0 } } })))).toBe(
      "token_revoked",
    );
  });

  it("that was really given, but for something else", async () => {
    const { ticket } = await read(
      await call("/api/v1/auth/ticket", { method: "POST", token: student.token }),
      ticketSchema,
    );
    const { token: instructor } = await newInstructor(made);
    expect(await codeOf(await postWith(student.refreshToken))).toBe("unauthenticated");
    expect(await codeOf(await postWith(ticket))).toBe("unauthenticated");
    expect(await codeOf(await postWith(instructor))).toBe("forbidden");
    expect(await codeOf(await postWith(made.admin))).toBe("forbidden");
  });

  it("with a claim or a signature changed", async () => {
    const [header = "", payload = "", signature = ""] = student.token.split(".");
    const [, otherPayload = ""] = (await newStudent(made)).token.split(".");
    for (const token of [
      `${header}.${otherPayload}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${student.token}.${signature}`,
    ]) {
      expect(await codeOf(await postWith(token))).toBe("unauthenticated");
    }
  });

  it("missing or not a bearer's", async () => {
    expect(await codeOf(await postWith(undefined))).toBe("unauthenticated");
    for (const authorization of [
      "",
      "Bearer",
      "Bearer ",
      `Basic ${student.token}`,
      student.token,
      "Bearer a b",
      "Bearer ..",
      "Bearer null",
    ]) {
      const response = await call("/api/v1/events", { body: [newEvent()], headers: { authorization } });
      expect(await codeOf(response)).toBe("unauthenticated");
    }
  });

  it("in the address or as a cookie", async () => {
    const query = await call(`/api/v1/events?token=${student.token}`, { body: [newEvent()] });
    expect(await codeOf(query)).toBe("unauthenticated");
    const headers = {
      cookie: `__Host-cell_monitor_session=${student.token}`,
      origin: "https://class.example",
    };
    expect(await codeOf(await call("/api/v1/events", { body: [newEvent()], headers }))).toBe(
      "unauthenticated",
    );
  });
});

describe("a class", () => {
  it("that does not exist is not found, with a token that names it", async () => {
    expect(await codeOf(await postWith(await forge(crypto.randomUUID())))).toBe("class_not_found");
    expect(await codeOf(await postWith(await forge("no uuid")))).toBe("unauthenticated");
  });

  it("gets none of another class's events", async () => {
    const other = await newClass();
    const { token } = await newStudent(other);
    const event = newEvent({ classId });
    expect((await call("/api/v1/events", { token, body: [event] })).status).toBe(200);
    expect((await logged(classId)).map(({ e }) => e.eventId)).not.toContain(event.eventId);
    expect((await logged(other.class.id)).map(({ e }) => e.eventId)).toEqual([event.eventId]);
  });
});
