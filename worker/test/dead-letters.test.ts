import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { deadLetterListSchema, replayResponseSchema } from "@cell-monitor/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  post,
  read,
  type TestClass,
} from "./api.ts";

let made: TestClass;
let path: string;

/** A class with letters to a store that the tests' deployment does not have. */
beforeEach(async () => {
  made = await newClass();
  path = `/api/v1/classes/${made.class.id}/dead-letters`;
  const { token, studentId } = await newStudent(made);
  await post(token, newEvent());
  await runInDurableObject(env.CLASSROOM.getByName(made.class.id), (_, { storage: { sql } }) => {
    for (const version of [1, 2, 3]) {
      const event = newEvent({ eventId: `event-${version}`, note: "what was written" });
      const body = JSON.stringify({ version, studentId, receivedMs: 1, timeMs: 1, event });
      sql.exec(
        "INSERT INTO dead_letters (sink, version, reason, at_ms, body) VALUES ('influx', ?, 'too long', 0, ?)",
        version,
        body,
      );
    }
  });
});

describe("the list of dead letters", () => {
  it("is a page with the number of all", async () => {
    const response = await call(`${path}?skip=1&limit=1`, { token: made.admin });
    expect(response.headers.get("x-total-count")).toBe("3");
    expect(await read(response, deadLetterListSchema)).toMatchObject([
      {
        sink: "influx",
        version: 2,
        reason: "too long",
        at: "1970-01-01T00:00:00.000Z",
        event_id: "event-2",
        event_type: "activity",
        event: { note: "what was written" },
      },
    ]);
  });

  it("can be asked for one store's", async () => {
    const response = await call(`${path}?sink=postgres`, { token: made.admin });
    expect(response.headers.get("x-total-count")).toBe("0");
    expect(await read(response, deadLetterListSchema)).toEqual([]);
  });

  it("does not show an instructor what was sent", async () => {
    const { token } = await newInstructor(made);
    const text = await (await call(path, { token })).text();
    expect(text).toContain("event-1");
    expect(text).not.toContain("what was written");
  });

  it.for(["sink=redis", "limit=0", "limit=201", "skip=-1", "limit=many"])(
    "is refused with what it does not know: %s",
    async (query) => {
      expect(await codeOf(await call(`${path}?${query}`, { token: made.admin }))).toBe("invalid_body");
    },
  );
});

describe("a replay", () => {
  it("answers what was written and what was kept, with why", async () => {
    const response = await call(`${path}/replay`, { token: made.admin, body: { ids: [1, 2] } });
    expect(await read(response, replayResponseSchema)).toMatchObject({
      replayed: 0,
      kept: [{ id: 1, reason: "The store is not set up." }, { id: 2 }],
    });
  });

  it.for<object>([
    { sink: "redis" },
    { ids: [] },
    { ids: ["1"] },
    { ids: Array.from({ length: 101 }, (_, index) => index + 1) },
    { id: 1 },
  ])("is refused with a body that is not right: %j", async (body) => {
    expect(await codeOf(await call(`${path}/replay`, { token: made.admin, body }))).toBe("invalid_body");
  });
});
