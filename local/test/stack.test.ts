import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classResponseSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { Api } from "../src/api.ts";
import { type Stack, startStack } from "../src/stack.ts";
import { lookAt } from "./look-at.ts";
import { temporaryFolder } from "./temporary.ts";

const patient = { timeout: 60_000 };

describe("a started stack", patient, () => {
  const progress: string[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), "cell-monitor-"));
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({
      port: 0,
      dataDir,
      students: 6,
      onProgress: (what) => progress.push(what),
    });
  }, 60_000);
  afterAll(async () => {
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("says what it did", () => {
    expect(progress).toEqual([
      "Starting the database",
      "Starting the worker",
      "Preparing the class",
      "Filling the class",
    ]);
  });

  it("serves the dashboard at every address that isn't the API's", async () => {
    for (const path of ["/", "/class/1", "/login"]) {
      const response = await fetch(`${stack.url}${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain("text/html");
    }
    expect((await fetch(`${stack.url}/api/v1/nothing`)).status).toBe(404);
  });

  it("has a class that is in the middle of a lesson", async () => {
    const students = (await lookAt(stack)).entities.flatMap((entity) =>
      entity.kind === "student" && entity.data ? [entity.data] : [],
    );
    expect(students).toHaveLength(6);
    expect(students.every(({ runs }) => runs > 0)).toBe(true);
    expect(students.some(({ errors }) => errors > 0)).toBe(true);
    const oldestMs = Math.min(...students.map(({ activeMs }) => activeMs));
    expect(Date.now() - oldestMs).toBeLessThan(30 * 60_000);
  });

  it("has everything in PostgreSQL and among the points", async () => {
    await vi.waitFor(
      async () => {
        const [row] = await stack.gateway.query(
          "SELECT count(DISTINCT student_id) AS students FROM cell_executions",
        );
        expect(row).toEqual({ students: "6" });
        expect(stack.gateway.points().length).toBeGreaterThan(100);
      },
      { timeout: 20_000, interval: 200 },
    );
  });

  it("hands out tokens that work", async () => {
    const api = new Api(stack.url);
    const shown = await api.call(classResponseSchema, `/classes/${stack.classId}`, {
      bearer: stack.instructorToken,
    });
    expect(shown).toMatchObject({
      class_code: stack.classCode,
      join_code: stack.joinCode,
      capture_level: "code",
    });
    const event = { eventId: "e1", eventType: "activity", eventTime: new Date().toISOString() };
    const answer = v.object({ accepted: v.number() });
    expect(await api.call(answer, "/events", { bearer: stack.studentToken, body: event })).toEqual({
      accepted: 1,
    });
    const own = { ...event, userId: "student-001@example.org" };
    expect(await api.call(answer, "/events", { bearer: stack.classKey, body: own })).toEqual({ accepted: 1 });
    const classes = await api.call(v.array(classResponseSchema), "/classes", { bearer: stack.adminToken });
    expect(classes.map(({ id }) => id)).toEqual([stack.classId]);
  });

  it("logs in by its link, once", async () => {
    const link = new URL(stack.loginUrl);
    expect(link.origin).toBe(stack.url);
    const redeem = (): Promise<Response> =>
      fetch(`${stack.url}/api/v1/auth/login-link/redeem`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: stack.url },
        body: JSON.stringify({ secret: link.hash.slice(1) }),
      });
    const first = await redeem();
    expect(first.status).toBe(200);
    expect(first.headers.get("set-cookie")).toMatch(/HttpOnly/);
    expect((await redeem()).ok).toBe(false);
  });

  it("keeps a second stack off its data, and off its port", async () => {
    await expect(startStack({ port: 0, dataDir })).rejects.toThrow(/already running/);
    const port = Number(new URL(stack.url).port);
    await expect(startStack({ port, dataDir: temporaryFolder() })).rejects.toThrow(/is in use/);
  });
});

describe("a stack that is started again", patient, () => {
  it("is who it was, with another login link", async () => {
    const dataDir = temporaryFolder();
    const first = await startStack({ port: 0, dataDir });
    await first.close();
    const second = await startStack({ port: 0, dataDir });
    await second.close();
    const { url: _u, gatewayUrl: _g, gateway: _w, failure: _f, close: _c, loginUrl, ...lasting } = first;
    expect(second).toMatchObject(lasting);
    expect(second.loginUrl).not.toBe(loginUrl);
  });

  it("is somebody else after a reset", async () => {
    const dataDir = temporaryFolder();
    const first = await startStack({ port: 0, dataDir });
    await first.close();
    const second = await startStack({ port: 0, dataDir, reset: true });
    await second.close();
    expect(second.classId).not.toBe(first.classId);
    expect(second.adminToken).not.toBe(first.adminToken);
  });

  it("doesn't write into another database what the first one should have", async () => {
    const dataDir = temporaryFolder();
    await (await startStack({ port: 0, dataDir })).close();
    const stores = { DATABASE_URL: "postgres://somebody:secret@127.0.0.1:1/other" };
    const refused = await startStack({ port: 0, dataDir, stores }).catch((error: unknown) => String(error));
    expect(refused).toMatch(/belongs to another database \(embedded, not 127\.0\.0\.1:1\/other\)/);
    expect(refused).not.toContain("secret");
  });

  it("finds its class though the start before was cut off when it had just been made", async () => {
    const dataDir = temporaryFolder();
    const first = await startStack({ port: 0, dataDir });
    await first.close();
    const file = join(dataDir, "identity.json");
    const { classCode } = v.parse(
      v.object({ classCode: v.string() }),
      JSON.parse(readFileSync(file, "utf8")),
    );
    writeFileSync(file, JSON.stringify({ classCode }));
    const second = await startStack({ port: 0, dataDir });
    await second.close();
    expect(second.classId).toBe(first.classId);
    expect(second.joinCode).toBe(first.joinCode);
  });
});

it("tells of it when the worker's process dies", patient, async () => {
  const dataDir = temporaryFolder();
  const stack = await startStack({ port: 0, dataDir });
  process.kill(Number(readFileSync(join(dataDir, "run", "workerd.pid"), "utf8")), "SIGKILL");
  expect((await stack.failure).message).toMatch(/crashed/);
  await stack.close();
});
