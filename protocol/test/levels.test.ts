import { expect, it } from "vitest";
import { captureLevels, type ClassEvent, keepToLevel } from "../src/index.ts";

const activity = {
  eventId: "e",
  eventType: "cell_execution_error",
  eventTime: "2026-11-22T10:00:00Z",
  status: "error",
  errorName: "NameError",
  errorFingerprint: "f",
  note: "help me",
} as const satisfies ClassEvent;
const errors = { ...activity, errorMessage: "m", errorTraceback: "t", errorLine: 3 };
const outputs = { ...errors, result: "r", outputTypes: ["image/png"] };
const code = { ...outputs, code: "c" };
const kept = { activity, errors, outputs, code };

it.for(captureLevels)("level %s keeps what it allows and nothing more", (level) => {
  expect(keepToLevel(code, level)).toEqual(kept[level]);
});

it.for(captureLevels)("level %s leaves an event as it is that holds nothing it refuses", (level) => {
  expect(keepToLevel(kept[level], level)).toBe(kept[level]);
});

it("what a level refuses does not come in under metadata either", () => {
  const event = { ...activity, metadata: { code: "c", errorMessage: "m", lab: "4.6" } };
  expect(keepToLevel(event, "errors").metadata).toEqual({ errorMessage: "m", lab: "4.6" });
  expect(event.metadata).toHaveProperty("code");
});
