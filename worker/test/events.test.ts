import { eventsAnswerSchema } from "@cell-monitor/protocol";
import { describe, expect, it } from "vitest";
import { call, newClass, newEvent, newStudent, read } from "./api.ts";

async function student() {
  return newStudent(await newClass());
}

describe("POST /api/v1/events", () => {
  it("takes an envelope and acknowledges the session's numbers", async () => {
    const { token } = await student();
    const events = [1, 2, 4].map((sequence) => newEvent({ sessionId: "s1", sequence }));
    const response = await call("/api/v1/events", {
      token,
      body: { v: 1, sentAt: new Date().toISOString(), events },
    });
    expect(response.status).toBe(200);
    expect(await read(response, eventsAnswerSchema)).toEqual({
      accepted: 3,
      duplicates: 0,
      rejected: [],
      acks: [{ sessionId: "s1", through: 4, missing: [[3, 3]] }],
      message: "3 events received and queued for processing.",
      notifications: [],
    });
  });

  it("takes an array and a single event", async () => {
    const { token } = await student();
    const list = await call("/api/v1/events", { token, body: [newEvent(), newEvent()] });
    expect(await read(list, eventsAnswerSchema)).toMatchObject({ accepted: 2 });
    const single = await call("/api/v1/events", { token, body: newEvent() });
    expect(await read(single, eventsAnswerSchema)).toMatchObject({ accepted: 1 });
  });
});
