import fc from "fast-check";
import { expect, test } from "vitest";
import { ClassState } from "../../../src/classroom/state/class-state.ts";
import type { Lesson } from "../../../src/classroom/lesson.ts";
import type { LoggedEvent } from "../../../src/sinks/sink.ts";
import { ada, type Fields, grace, loggedOf } from "../batches.ts";
import { boardEssence, change, classIn, lessonOf } from "./board.ts";
import { allOf, foldAll, reread } from "./fold.ts";

const dayMs = 86_400_000;
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Around midnight, so that lessons and days begin and end among the events. */
const moments = fc.nat({ max: 40 }).map((step) => dayMs - 20 * 30_000 + step * 30_000);

const references = fc.constantFrom<Lesson["reference"]>(undefined, {
  notebook: "a.ipynb",
  cells: [
    { index: 0, cellId: "c1", role: "exercise", sourceHash: "0000000000000000" },
    { index: 1, gradeId: "test-1", role: "check" },
    { index: 2, cellId: "c2", role: "exercise" },
    { index: 3, sourceHash: "1111111111111111", role: "expected_error" },
  ],
});

const lessons = maybe(
  fc
    .record({
      id: fc.constantFrom("l", "m"),
      startedMs: moments,
      lastsMs: maybe(fc.nat({ max: 600_000 })),
      reference: references,
      broken: fc.boolean(),
    })
    .map(({ id, startedMs, lastsMs, reference, broken }) =>
      lessonOf({
        id,
        startedMs,
        ...(lastsMs !== undefined && { stoppedMs: startedMs + lastsMs }),
        ...(reference && { reference }),
        ...(broken && {
          breaks: [[startedMs + 60_000, startedMs + 120_000], [startedMs + 240_000]] as const,
        }),
      }),
    ),
);

const told = fc
  .record({
    studentId: fc.constantFrom(ada, grace),
    timeMs: moments,
    kind: fc.constantFrom("end", "end", "end", "start", "help", "activity", "session_end"),
    status: fc.constantFrom("ok", "ok", "error", "error", "aborted", "killed"),
    notebookPath: maybe(fc.constantFrom("a.ipynb", "copies/a.ipynb", "b.ipynb")),
    cellId: maybe(fc.constantFrom("c1", "c2", "c3")),
    cellIndex: maybe(fc.nat({ max: 3 })),
    gradeId: maybe(fc.constantFrom("test-1", "other")),
    sourceHash: maybe(fc.constantFrom("0000000000000000", "1111111111111111", "2222222222222222")),
    cellTags: maybe(fc.constantFrom(["raises-exception"], ["exercise"])),
    executionDurationMs: maybe(fc.nat({ max: 120_000 })),
    sequence: maybe(fc.integer({ min: 1, max: 3 })),
    helpId: maybe(fc.constantFrom("h", "i")),
    error: fc.constantFrom("NameError", "KeyError"),
  })
  .map(({ kind, status, error, sequence, ...fields }): Fields => {
    const types = {
      end: status === "error" ? "cell_execution_error" : "cell_execution_complete",
      start: "cell_execution_start",
    };
    const given = {
      ...fields,
      eventType: kind === "end" || kind === "start" ? types[kind] : kind,
      ...(sequence !== undefined && { sequence, sessionId: "s" }),
      ...(kind === "end" && { status, executionId: crypto.randomUUID() }),
      ...(kind === "end" &&
        status === "error" && {
          errorName: error,
          errorFingerprint: `${error}:1`,
          errorMessage: `${error} 42`,
        }),
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  });

type Step =
  | { readonly told: Fields }
  | { readonly lesson: Lesson | undefined }
  /** The lesson that is there is stopped, as if it had been at this time. */
  | { readonly stoppedMs: number };
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: told.map((fields): Step => ({ told: fields })) },
    { weight: 1, arbitrary: lessons.map((lesson): Step => ({ lesson })) },
    { weight: 1, arbitrary: moments.map((stoppedMs): Step => ({ stoppedMs })) },
  ),
  { maxLength: 40 },
);

/** What happened to a class, as it went: events were logged, and lessons began, were changed and were stopped. */
function live(given: readonly Step[], from = { state: new ClassState(), log: [] as readonly LoggedEvent[] }) {
  const log = [...from.log];
  const { state } = from;
  let { lesson } = state.board;
  for (const step of given) {
    if ("told" in step) {
      const events = loggedOf([{ eventId: `e${log.length}`, ...step.told }], log.length + 1);
      log.push(...events);
      foldAll(events, state);
    } else {
      lesson = "lesson" in step ? step.lesson : lesson && { ...lesson, stoppedMs: step.stoppedMs };
      change(state, lesson, log);
    }
  }
  return { state, log, lesson };
}

test("what a class knows together says nothing of the order in which events arrived and lessons changed", () => {
  const shuffledSteps = steps.chain((given) =>
    fc.tuple(fc.constant(given), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }))),
  );
  fc.assert(
    fc.property(shuffledSteps, ([given, chance]) => {
      const { state, log, lesson } = live(given);
      const ranked = log.map((event) => ({ event, rank: chance.next().value ?? 0 }));
      const other = ranked.toSorted((a, b) => a.rank - b.rank).map(({ event }) => event);
      const atOnce: ClassState = classIn(lesson, other);
      expect(boardEssence(state)).toEqual(boardEssence(atOnce));
    }),
    { numRuns: 1_000 },
  );
});

const written = (state: ClassState): unknown => {
  const { lesson } = state.board;
  // Texts in texts too: the order of fields says nothing.
  const text = state.store().text.replaceAll(/"lesson":"(?:[^"\\]|\\.)*"/g, `"lesson":0`);
  return [allOf(state).students, lesson, ...text.split("\n").map((line): unknown => JSON.parse(line))];
};

test("a checkpoint anywhere and what comes after it make what all of it makes, lessons in between", () => {
  const cuts = steps.chain((given) => fc.tuple(fc.constant(given), fc.nat({ max: given.length })));
  fc.assert(
    fc.property(cuts, ([given, at]) => {
      const before = live(given.slice(0, at));
      const restored = reread(before.state);
      expect(written(restored)).toEqual(written(before.state));
      const after = live(given.slice(at), { state: restored, log: before.log });
      expect(written(after.state)).toEqual(written(live(given).state));
    }),
    { numRuns: 300 },
  );
});
