import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { createApp } from "../src/app.ts";
import type { Env } from "../src/env.ts";
import { routes } from "../src/routes/table.ts";
import { call, codeOf, newClass, newEvent, newStudent, origin, post, testEnv } from "./api.ts";

/** Asks a worker whose deployment differs. */
async function callWith(changes: Partial<Env>, path: string, init?: RequestInit): Promise<Response> {
  const request = new Request(new URL(path, origin), init);
  return createApp(routes).request(
    request,
    undefined,
    { ...testEnv(), ...changes },
    createExecutionContext(),
  );
}

function broken(): never {
  throw new Error("overloaded: at worker.ts:1");
}
const brokenClass = {
  ingest: broken,
  completeness: broken,
  check: broken,
  notify: broken,
  act: broken,
  helpRequests: broken,
  configure: broken,
  deadLetters: broken,
  replayDeadLetters: broken,
  remove: broken,
  erase: broken,
  fetch: broken,
};
const noClasses = { CLASSROOM: { getByName: () => brokenClass } };
const noDatabase = { NEON_SQL_URL: "http://127.0.0.1:9/sql" };

function batchOf(token: string, body = JSON.stringify([newEvent()])): RequestInit {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return { method: "POST", headers, body };
}

describe("while the class cannot be reached", () => {
  it("events are to be sent again, which loses and doubles nothing", async () => {
    const { token } = await newStudent(await newClass());
    const batch = JSON.stringify([newEvent()]);
    expect(await codeOf(await callWith(noClasses, "/api/v1/events", batchOf(token, batch)))).toBe(
      "unavailable",
    );
    expect(await post(token, batch)).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await post(token, batch)).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it("a dashboard is to come again", async () => {
    const { class: made, admin } = await newClass();
    const headers = { authorization: `Bearer ${admin}`, upgrade: "websocket" };
    expect(await codeOf(await callWith(noClasses, `/api/v1/live/${made.id}`, { headers }))).toBe(
      "unavailable",
    );
  });

  it("a class is made all the same, and hears of itself when it is first asked", async () => {
    const { admin } = await newClass();
    const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json" };
    const body = JSON.stringify({ name: "Late", class_code: `L-${crypto.randomUUID()}` });
    const made = await callWith(noClasses, "/api/v1/classes", { method: "POST", headers, body });
    expect(made.status).toBe(201);
    const created: unknown = await made.json();
    const joinCode = created instanceof Object && "join_code" in created ? created.join_code : undefined;
    const joined = await call("/api/v1/auth/join", { body: { joinCode, name: "Ada" } });
    const student: unknown = await joined.json();
    const token = student instanceof Object && "token" in student ? String(student.token) : "";
    expect(await post(token, newEvent())).toMatchObject({ accepted: 1 });
  });
});

describe("while the database cannot be reached", () => {
  it("events are taken", async () => {
    const { token } = await newStudent(await newClass());
    expect((await callWith(noDatabase, "/api/v1/events", batchOf(token))).status).toBe(200);
  });

  it("a Hub is given credentials, with the name that it says", async () => {
    const { key } = await newClass();
    const body = JSON.stringify({ userId: "ada", userName: "Ada" });
    const minted = await callWith(noDatabase, "/api/v1/auth/student-credential", batchOf(key, body));
    expect(minted.status).toBe(200);
  });

  it.for(["/api/v1/classes", "/api/v1/auth/me"])("%s says to try again", async (path) => {
    const { admin } = await newClass();
    const headers = { authorization: `Bearer ${admin}` };
    expect(await codeOf(await callWith(noDatabase, path, { headers }))).toBe("unavailable");
  });

  it("the service says so of it, and is healthy itself", async () => {
    expect(await codeOf(await callWith(noDatabase, "/api/v1/health/database"))).toBe("unavailable");
    expect(await codeOf(await callWith(noDatabase, "/api/v1/health/ready"))).toBe("unavailable");
    expect((await callWith(noDatabase, "/health")).status).toBe(200);
  });
});

describe("a deployment that is not set up", () => {
  it.for<[string, Partial<Env>]>([
    ["TOKEN_KEYS", { TOKEN_KEYS: "test:short" }],
    ["ADMIN_KEY", { ADMIN_KEY: "short" }],
    ["PSEUDONYM_KEY", { PSEUDONYM_KEY: "" }],
    ["DATABASE_URL", { DATABASE_URL: "" }],
  ])("answers nothing, and names what it lacks: %s", async ([name, changes]) => {
    for (const path of ["/health", "/api/v1/health/ready", "/api/v1/classes", "/api/v1/events"]) {
      const method = path.endsWith("events") ? "POST" : "GET";
      const response = await callWith(changes, path, { method });
      const text = await response.clone().text();
      expect(text).toContain(name);
      expect(await codeOf(response)).toBe("unavailable");
    }
  });
});
