import { describe, expect, it } from "vitest";
import { openEnvelope } from "../src/index.ts";

const event = { eventId: "e", eventType: "activity" };

describe("a body of events", () => {
  it.for<[string, unknown, number]>([
    ["an envelope", { v: 1, events: [event, event] }, 2],
    ["an envelope with a null clock", { v: 1, sentAt: null, events: [event] }, 1],
    ["an array", [event, event, event], 3],
    ["one event", event, 1],
    ["100 events", Array.from({ length: 100 }, () => event), 100],
  ])("may be %s", ([, body, count]) => {
    const opened = openEnvelope(body);
    expect(opened.ok && opened.value.events.length).toBe(count);
  });

  it.for<[string, unknown, string]>([
    ["null", null, "invalid_body"],
    ["a text", "events", "invalid_body"],
    ["an object that is no event", { hello: 1 }, "invalid_body"],
    ["an envelope of version 2", { v: 2, events: [event] }, "invalid_body"],
    ["an envelope without a version", { events: [event] }, "invalid_body"],
    ["an envelope whose list is none", { v: 1, events: { 0: event } }, "invalid_body"],
    ["an empty list", { v: 1, events: [] }, "invalid_body"],
    ["an empty array", [], "invalid_body"],
    ["101 events", Array.from({ length: 101 }, () => event), "too_many_events"],
  ])("may not be %s", ([, body, code]) => {
    expect(openEnvelope(body)).toMatchObject({ ok: false, refusal: { code } });
  });

  it("says the client's clock, when that is a time", () => {
    const sentMs = (sentAt: unknown) => {
      const opened = openEnvelope({ v: 1, sentAt, events: [event] });
      return opened.ok ? opened.value.sentMs : "refused";
    };
    expect(sentMs("2026-11-22T10:00:00Z")).toBe(Date.parse("2026-11-22T10:00:00Z"));
    expect(sentMs("soon")).toBeUndefined();
    expect(sentMs(7)).toBe("refused");
  });
});
