import {
  bearerSchema,
  loginLinkResponseSchema,
  meSchema,
  studentCredentialSchema,
  studentIdOf,
  ticketSchema,
} from "@cell-monitor/protocol";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import {
  call,
  type Call,
  codeOf,
  logged,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  origin,
  post,
  read,
  type TestClass,
} from "./api.ts";
import { execute } from "./database.ts";
import { forge } from "./forge.ts";

const ask = (path: string, options: Call) => call(`/api/v1/auth/${path}`, options);
const nowS = () => Math.floor(Date.now() / 1000);

describe("joining a class", () => {
  const join = (joinCode: string, name = "Ada") => ask("join", { body: { joinCode, name } });

  it.for<[string, (code: string) => string]>([
    ["as it is", (code) => code],
    ["in lower case", (code) => code.toLowerCase()],
    ["with blanks and dashes", (code) => ` ${code.slice(0, 4)} - ${code.slice(4)}\n`],
    [
      "in wide letters",
      (code) => code.replace(/[A-Z0-9]/g, (c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)),
    ],
  ])("takes the code %s, and gives a credential that works", async ([, typed]) => {
    const made = await newClass();
    const joined = await read(await join(typed(made.class.join_code ?? "")), studentCredentialSchema);
    expect(joined.classId).toBe(made.class.id);
    await post(joined.token, newEvent());
    expect(await logged(made.class.id)).toMatchObject([{ s: joined.studentId, e: { userName: "Ada" } }]);
  });

  it("makes another student each time, of the same name", async () => {
    const made = await newClass();
    const joinOnce = async () => read(await join(made.class.join_code ?? ""), studentCredentialSchema);
    expect((await joinOnce()).studentId).not.toBe((await joinOnce()).studentId);
  });

  it.for(["WRONGCOD", "", "%", "' OR 1=1 --", "\u0000"])("is refused with the code %j", async (code) => {
    expect(await codeOf(await join(code))).toBe("class_not_found");
  });

  it.for<object>([
    {},
    { joinCode: 5, name: "Ada" },
    { joinCode: "A" },
    { joinCode: "A", name: " " },
    { joinCode: "A", name: "x".repeat(257) },
  ])("is refused with the body %j", async (body) => {
    expect(await codeOf(await ask("join", { body }))).toBe("invalid_body");
  });

  it("keeps of a name what can be seen", async () => {
    const made = await newClass();
    const joined = await read(
      await join(made.class.join_code ?? "", "A\u0000da\uD800"),
      studentCredentialSchema,
    );
    await post(joined.token, newEvent());
    expect(await logged(made.class.id)).toMatchObject([{ e: { userName: "Ada\uFFFD" } }]);
  });
});

describe("minting a student's credential", () => {
  it("gives the same student in every class, however the name is written", async () => {
    const [one, two] = [await newClass(), await newClass()];
    const first = await newStudent(one, "ada@class.example");
    const second = await newStudent(two, "  ADA@Class.example ");
    expect(first.studentId).toBe(second.studentId);
    expect(first.studentId).toBe(studentIdOf("hub", "ada@class.example"));
    expect([first.classId, second.classId]).toEqual([one.class.id, two.class.id]);
  });

  it("takes the names the Hub gives, over what the student's events say", async () => {
    const made = await newClass();
    const body = { userId: "ada", userName: "Ada Lovelace", teamName: "Engines" };
    const { token } = await read(
      await ask("student-credential", { token: made.key, body }),
      studentCredentialSchema,
    );
    await post(token, newEvent({ userName: "Mallory", teamName: "Others" }));
    expect(await logged(made.class.id)).toMatchObject([
      { e: { userName: "Ada Lovelace", teamName: "Engines" } },
    ]);
  });

  it.for<object>([
    {},
    { userId: "" },
    { userId: "  " },
    { userId: 7 },
    { userId: "a\u0000" },
    { userId: "x".repeat(257) },
  ])("is refused with the body %j", async (body) => {
    const { key } = await newClass();
    expect(await codeOf(await ask("student-credential", { token: key, body }))).toBe("invalid_body");
  });
});

describe("refreshing", () => {
  const refresh = (refreshToken: string) => ask("token", { body: { refreshToken } });

  it("gives a new token for the same student, and the same refresh token", async () => {
    const made = await newClass();
    const student = await newStudent(made);
    const renewed = await read(await refresh(student.refreshToken), studentCredentialSchema);
    expect(renewed).toMatchObject({
      studentId: student.studentId,
      classId: made.class.id,
      refreshToken: student.refreshToken,
    });
    expect(await post(renewed.token, newEvent())).toMatchObject({ accepted: 1 });
  });

  it("takes nothing but a refresh token that still stands", async () => {
    const made = await newClass();
    const { id } = made.class;
    const { token } = await newStudent(made);
    const use = "refresh";
    expect(await codeOf(await refresh(token))).toBe("unauthenticated");
    expect(await codeOf(await refresh(made.key))).toBe("unauthenticated");
    expect(await codeOf(await refresh("garbage"))).toBe("unauthenticated");
    expect(await codeOf(await refresh(await forge(id, { claims: { use, exp: nowS() - 60 } })))).toBe(
      "token_expired",
    );
    expect(await codeOf(await refresh(await forge(id, { claims: { use, cls: { [id]: 0 } } })))).toBe(
      "token_revoked",
    );
    expect(await codeOf(await refresh(await forge(crypto.randomUUID(), { claims: { use } })))).toBe(
      "class_not_found",
    );
    expect(await codeOf(await ask("token", { body: {} }))).toBe("invalid_body");
  });
});

describe("a ticket", () => {
  it("lasts a minute and is as old as what it was made from, so that a revocation covers it", async () => {
    const made = await newClass();
    const iat = nowS() - 300;
    const token = await forge(made.class.id, { claims: { iat } });
    const { ticket, expiresAt } = await read(await ask("ticket", { method: "POST", token }), ticketSchema);
    const claims = decodeJwt(ticket);
    expect(claims).toMatchObject({ use: "ticket", role: "student", iat, cls: { [made.class.id]: 1 } });
    expect((claims.exp ?? 0) - nowS()).toBeLessThanOrEqual(60);
    expect(Math.floor(Date.parse(expiresAt) / 1000)).toBe(claims.exp);
  });

  it("is another one each time", async () => {
    const { token } = await newStudent(await newClass());
    const jti = async () =>
      decodeJwt((await read(await ask("ticket", { method: "POST", token }), ticketSchema)).ticket).jti;
    expect(await jti()).not.toBe(await jti());
  });
});

describe("the admin key", () => {
  it("opens an admin's credential", async () => {
    const { token } = await read(
      await ask("admin-token", { body: { adminKey: "a".repeat(43) } }),
      bearerSchema,
    );
    expect((await call("/api/v1/classes", { token })).status).toBe(200);
  });

  it("makes void, once it is another, what the old one opened", async () => {
    const { admin, class: made } = await newClass();
    const env = { ADMIN_KEY: "b".repeat(43) };
    for (const path of ["/api/v1/classes", `/api/v1/classes/${made.id}/help`]) {
      expect(await codeOf(await call(path, { token: admin, env }))).toBe("token_revoked");
    }
    const opened = await call("/api/v1/auth/admin-token", { body: { adminKey: env.ADMIN_KEY }, env });
    const { token } = await read(opened, bearerSchema);
    expect((await call("/api/v1/classes", { token, env })).status).toBe(200);
  });

  it.for(["a".repeat(42), "a".repeat(44), "A".repeat(43), "x"])("is no other: %s", async (adminKey) => {
    expect(await codeOf(await ask("admin-token", { body: { adminKey } }))).toBe("unauthenticated");
  });
});

describe("a login link", () => {
  async function newLink({ class: { id }, admin }: TestClass, instructorId: string) {
    const body = { instructor_id: instructorId };
    const made = await call(`/api/v1/classes/${id}/login-links`, { token: admin, body });
    const url = new URL((await read(made, loginLinkResponseSchema)).url);
    return { url, secret: url.hash.slice(1) };
  }

  const redeem = (secret: string, headers = {}) => ask("login-link/redeem", { body: { secret }, headers });

  async function prepared() {
    const made = await newClass();
    const instructor = await newInstructor(made);
    return { made, instructor, ...(await newLink(made, instructor.id)) };
  }

  it("carries its secret where no server sees it", async () => {
    const { url, secret } = await prepared();
    expect(url.origin).toBe(origin);
    expect(url.search).toBe("");
    expect(secret).toMatch(/^[\w-]{43}$/);
  });

  it("opens a session in a cookie that scripts and other sites don't get at", async () => {
    const { made, secret } = await prepared();
    const response = await redeem(secret, { origin });
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie.split("; ").slice(1).sort()).toEqual([
      "HttpOnly",
      "Max-Age=43200",
      "Path=/",
      "SameSite=Strict",
      "Secure",
    ]);
    const classes = [{ id: made.class.id, name: made.class.name, code: made.class.class_code }];
    expect(await read(response, meSchema)).toEqual({
      id: expect.any(String),
      role: "instructor",
      name: "Ada",
      classes,
      login: "link",
    });
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    expect(await read(await ask("me", { headers }), meSchema)).toMatchObject({ classes });
  });

  it("works once", async () => {
    const { secret } = await prepared();
    expect((await redeem(secret)).status).toBe(200);
    expect(await codeOf(await redeem(secret))).toBe("login_link_spent");
  });

  it("works for one of two who come at the same time", async () => {
    const { secret } = await prepared();
    const statuses = (await Promise.all([redeem(secret), redeem(secret), redeem(secret)])).map(
      ({ status }) => status,
    );
    expect(statuses.sort((a, b) => a - b)).toEqual([200, 401, 401]);
  });

  it("has an end", async () => {
    const { secret, instructor } = await prepared();
    await execute(
      "UPDATE login_links SET expires_at = now() - interval '1 second' WHERE instructor_id = $1",
      [instructor.id],
    );
    expect(await codeOf(await redeem(secret))).toBe("login_link_spent");
  });

  it("is not burnt by another site's page, nor by guessing", async () => {
    const { secret } = await prepared();
    expect(await codeOf(await redeem(secret, { origin: "https://evil.example" }))).toBe("origin_refused");
    expect(await codeOf(await redeem("guess"))).toBe("login_link_spent");
    expect(await codeOf(await ask("login-link/redeem", { body: {} }))).toBe("invalid_body");
    expect((await redeem(secret, { origin })).status).toBe(200);
  });

  it("is made for instructors of the class only", async () => {
    const { made } = await prepared();
    const stranger = await newInstructor(await newClass());
    const ask = (instructor_id: unknown) =>
      call(`/api/v1/classes/${made.class.id}/login-links`, { token: made.admin, body: { instructor_id } });
    expect(await codeOf(await ask(stranger.id))).toBe("not_found");
    expect(await codeOf(await ask(crypto.randomUUID()))).toBe("not_found");
    expect(await codeOf(await ask("nobody"))).toBe("invalid_body");
  });

  it("opens a session that reads without an Origin, changes nothing without one, and ends by logout", async () => {
    const { secret } = await prepared();
    const cookie = (await redeem(secret)).headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(await codeOf(await ask("logout", { method: "POST", headers: { cookie } }))).toBe("origin_refused");
    const other = { cookie, origin: "https://evil.example" };
    expect(await codeOf(await ask("logout", { method: "POST", headers: other }))).toBe("origin_refused");
    expect(await codeOf(await ask("me", { headers: other }))).toBe("origin_refused");
    const response = await ask("logout", { method: "POST", headers: { cookie, origin } });
    expect(response.status).toBe(204);
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-cell_monitor_session=; Max-Age=0;/);
  });
});

describe("a class that is made", () => {
  const make = async (body: object) => call("/api/v1/classes", { token: (await newClass()).admin, body });

  it("has a code of its own", async () => {
    const { class: existing } = await newClass();
    expect(await codeOf(await make({ name: "Other", class_code: existing.class_code }))).toBe("conflict");
  });

  it.for<object>([
    {},
    { name: "", class_code: "A" },
    { name: "A", class_code: "" },
    { name: "A", class_code: "a b" },
    { name: "A", class_code: "a\u0000" },
    { name: "A", class_code: "x".repeat(65) },
    { name: "A", class_code: "A", capture_level: "everything" },
    { name: ["A"], class_code: "A" },
  ])("is refused with the body %j", async (body) => {
    expect(await codeOf(await make(body))).toBe("invalid_body");
  });

  it("keeps what is said of it as it was, and repairs what cannot be stored", async () => {
    const name = "'; DROP TABLE classes; --";
    const response = await make({
      name,
      description: "a\u0000\uD800",
      class_code: `R-${crypto.randomUUID()}`,
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      name,
      description: "a\uFFFD\uFFFD",
      capture_level: "activity",
    });
  });
});
