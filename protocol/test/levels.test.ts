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

const texts = ["print(1)\nprint(2)", "x".repeat(129)];
const wrapped = (value: unknown, depth: number): unknown =>
  depth === 0 ? value : depth % 2 === 0 ? [wrapped(value, depth - 1)] : { deeper: wrapped(value, depth - 1) };

it.for(captureLevels.slice(0, -1))("below code, level %s takes no long text under whatever name", (level) => {
  for (const text of texts) {
    for (let depth = 0; depth < 8; depth += 1) {
      const metadata = { mine: wrapped(text, depth), step: 3 };
      const filtered = keepToLevel({ ...activity, metadata }, level).metadata;
      expect(JSON.stringify(filtered)).not.toContain(JSON.stringify(text).slice(1, 9));
      expect(filtered).toHaveProperty("step", 3);
    }
  }
});

it("content is known by its name at every depth, however it is spelt", () => {
  const metadata = { data: [{ Source_Code: "x", "std-out": "y", evalue: "z", answer: "b" }] };
  expect(keepToLevel({ ...activity, metadata }, "activity").metadata).toEqual({ data: [{ answer: "b" }] });
  expect(keepToLevel({ ...activity, metadata }, "outputs").metadata).toEqual({
    data: [{ "std-out": "y", evalue: "z", answer: "b" }],
  });
});

it("a long text does not come in piece by piece", () => {
  const pieces = Array.from({ length: 100 }, (_, index) => `line ${index} of a program`);
  const { metadata } = keepToLevel({ ...activity, metadata: { pieces } }, "activity");
  expect(JSON.stringify(metadata).length).toBeLessThan(2000);
});

it("an own event's payload is kept below code, and whole at code", () => {
  const metadata = { quiz: { question: 3, choice: "b", isRight: true, tries: [1, 2] } };
  const event = { ...activity, metadata };
  expect(keepToLevel(event, "activity")).toBe(event);
  const long = { ...activity, metadata: { anything: "x\n".repeat(500) } };
  expect(keepToLevel(long, "code")).toBe(long);
});
