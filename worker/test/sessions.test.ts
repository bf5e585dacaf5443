import { loginLinkRecordSchema, meSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { renewedUntilMs } from "../src/auth/session.ts";
import { call, codeOf, newClass, newInstructor, read } from "./api.ts";
import { execute } from "./database.ts";
import { forge } from "./forge.ts";
import { claimsIn, logIn, newLink, sessionIn, sessionName, withSession } from "./sessions.ts";

const mePath = "/api/v1/auth/me";
const hourMs = 60 * 60 * 1000;
const nowS = () => Math.floor(Date.now() / 1000);

async function prepared() {
  const made = await newClass();
  const instructor = await newInstructor(made);
  return { made, instructor, session: await logIn(made, instructor.id) };
}

describe("a session", () => {
  it("stays as it is while nothing has changed", async () => {
    const { session } = await prepared();
    expect(sessionIn(await withSession(session, mePath))).toBeUndefined();
  });

  it("is made anew when its holder has gained a class, and lasts no longer for it", async () => {
    const { instructor, session } = await prepared();
    const other = await newClass();
    await execute("INSERT INTO instructor_classes (instructor_id, class_id, role) VALUES ($1, $2, 'ta')", [
      instructor.id,
      other.class.id,
    ]);
    expect(await codeOf(await withSession(session, `/api/v1/classes/${other.class.id}`))).toBe(
      "class_not_found",
    );
    const response = await withSession(session, mePath);
    const renewed = sessionIn(response) ?? "";
    expect(claimsIn(renewed)["exp"]).toBe(claimsIn(session)["exp"]);
    expect(claimsIn(renewed)["as"]).toEqual({ [other.class.id]: "ta" });
    const { classes } = await read(response, meSchema);
    expect(classes.map(({ id }) => id)).toContain(other.class.id);
    expect((await withSession(renewed, `/api/v1/classes/${other.class.id}`)).status).toBe(200);
    expect(sessionIn(await withSession(renewed, mePath))).toBeUndefined();
  });

  it("is prolonged once half of it is over, up to a week after the login", () => {
    const nowMs = Date.parse("2026-11-23T12:00:00Z");
    const until = (leftMs: number, loggedInMs: number) =>
      renewedUntilMs(
        {
          use: "session",
          sub: "a",
          role: "instructor",
          cls: {},
          scopes: [],
          iat: 0,
          exp: (nowMs + leftMs) / 1000,
          since: (nowMs - loggedInMs) / 1000,
        },
        nowMs,
      ) - nowMs;
    expect(until(7 * hourMs, 5 * hourMs)).toBe(7 * hourMs);
    expect(until(5 * hourMs, 7 * hourMs)).toBe(12 * hourMs);
    expect(until(hourMs, 7 * 24 * hourMs - 2 * hourMs)).toBe(2 * hourMs);
  });

  it("that is about to end is prolonged by who works with it", async () => {
    const { made, instructor, session } = await prepared();
    const { role, cls, epoch, name } = claimsIn(session);
    const ending = {
      sub: instructor.id,
      use: "session",
      role,
      cls,
      epoch,
      name,
      exp: nowS() + 600,
      since: nowS() - 7200,
    };
    const old = await forge(made.class.id, { claims: ending });
    const renewed = claimsIn(sessionIn(await withSession(old, mePath)) ?? "");
    expect(renewed["exp"]).toBeGreaterThan(nowS() + 11 * 3600);
    expect(renewed["since"]).toBe(ending.since);
  });

  it("of the plain name is none where the page is served over TLS", async () => {
    const { session } = await prepared();
    const headers = { cookie: `cell_monitor_session=${session}` };
    expect(await codeOf(await call(mePath, { headers }))).toBe("unauthenticated");
  });

  it("over plain HTTP, on one's own machine, has no name that browsers refuse there", async () => {
    const { made, instructor } = await prepared();
    const { secret } = await newLink(made, instructor.id);
    const env = { PUBLIC_ORIGIN: "http://127.0.0.1:8787" };
    const response = await call("/api/v1/auth/login-link/redeem", { body: { secret }, env });
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^cell_monitor_session=/);
    expect(cookie).not.toContain("Secure");
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    expect((await call(mePath, { headers, env })).status).toBe(200);
  });
});

describe("logging out everywhere", () => {
  it("ends every session and token of the person at once, and nobody else's", async () => {
    const { made, instructor, session } = await prepared();
    const second = await logIn(made, instructor.id);
    const colleague = await newInstructor(made);
    const response = await withSession(session, "/api/v1/auth/logout-everywhere", "POST");
    expect(response.status).toBe(204);
    expect(response.headers.get("set-cookie")).toMatch(new RegExp(`^${sessionName}=; Max-Age=0`));
    for (const ended of [session, second])
      expect(await codeOf(await withSession(ended, mePath))).toBe("token_revoked");
    expect(
      await codeOf(await call(`/api/v1/classes/${made.class.id}/completeness`, { token: instructor.token })),
    ).toBe("token_revoked");
    expect(
      (await call(`/api/v1/classes/${made.class.id}/completeness`, { token: colleague.token })).status,
    ).toBe(200);
    const again = await logIn(made, instructor.id);
    expect((await withSession(again, mePath)).status).toBe(200);
    expect((await withSession(again, `/api/v1/classes/${made.class.id}/completeness`)).status).toBe(200);
  });

  it("is told to change the key where the deployment's admin key opened the door", async () => {
    const { admin } = await newClass();
    expect(await codeOf(await call("/api/v1/auth/logout-everywhere", { method: "POST", token: admin }))).toBe(
      "conflict",
    );
  });

  it("can be done for somebody by an administrator, and by nobody else", async () => {
    const { made, instructor, session } = await prepared();
    const path = `/api/v1/instructors/${instructor.id}/revoke`;
    const colleague = await newInstructor(made);
    expect(await codeOf(await call(path, { method: "POST", token: colleague.token }))).toBe("forbidden");
    const { secret } = await newLink(made, instructor.id);
    expect((await call(path, { method: "POST", token: made.admin })).status).toBe(204);
    expect(await codeOf(await withSession(session, mePath))).toBe("token_revoked");
    // Who has their mail has the link.
    expect(await codeOf(await call("/api/v1/auth/login-link/redeem", { body: { secret } }))).toBe(
      "login_link_spent",
    );
    const nobody = `/api/v1/instructors/${crypto.randomUUID()}/revoke`;
    expect(await codeOf(await call(nobody, { method: "POST", token: made.admin }))).toBe("not_found");
  });
});

describe("an administrator who is made something else", () => {
  it("is let into no class any more with what they had before", async () => {
    const { made, instructor } = await prepared();
    const other = await newClass();
    const become = (role: string) =>
      call(`/api/v1/instructors/${instructor.id}`, { method: "PUT", token: made.admin, body: { role } });
    expect((await become("admin")).status).toBe(200);
    const session = await logIn(made, instructor.id);
    // What only the class's object is asked for, not the database.
    const help = `/api/v1/classes/${other.class.id}/help`;
    expect((await withSession(session, help)).status).toBe(200);
    expect((await become("instructor")).status).toBe(200);
    expect(await codeOf(await withSession(session, help))).toBe("token_revoked");
  });
});

describe("login links", () => {
  it("are listed without their secrets, and can be taken back until they are used", async () => {
    const made = await newClass();
    const instructor = await newInstructor(made);
    const link = await newLink(made, instructor.id);
    const path = `/api/v1/classes/${made.class.id}/login-links`;
    const listed = await call(path, { token: made.admin });
    expect(listed.headers.get("x-total-count")).toBe("1");
    const text = await listed.clone().text();
    expect(text).not.toContain(link.secret);
    expect(await read(listed, v.array(loginLinkRecordSchema))).toMatchObject([
      {
        id: link.id,
        instructor_id: instructor.id,
        instructor_name: "Ada",
        redeemed_at: null,
        revoked_at: null,
      },
    ]);
    const revoked = await call(`${path}/${link.id}`, { method: "DELETE", token: made.admin });
    expect((await read(revoked, loginLinkRecordSchema)).revoked_at).not.toBeNull();
    const body = { secret: link.secret };
    expect(await codeOf(await call("/api/v1/auth/login-link/redeem", { body }))).toBe("login_link_spent");
  });

  it("are no other class's to take back", async () => {
    const made = await newClass();
    const link = await newLink(made, (await newInstructor(made)).id);
    const other = await newClass();
    const path = `/api/v1/classes/${other.class.id}/login-links/${link.id}`;
    expect(await codeOf(await call(path, { method: "DELETE", token: made.admin }))).toBe("not_found");
  });
});
