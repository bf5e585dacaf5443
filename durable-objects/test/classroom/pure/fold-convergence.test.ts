import fc from "fast-check";
import { expect, test } from "vitest";
import { ClassState } from "../../../src/classroom/state/class-state.ts";
import { studentData } from "../../../src/classroom/state/entities.ts";
import type { LoggedEvent } from "../../../src/sinks/sink.ts";
import { ada, type Fields, grace, loggedOf } from "../batches.ts";
import { allOf, deferTo, foldAll, reread } from "./fold.ts";

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Few of everything, so that events meet; few times, so that they are often a tie. */
const entries = fc.record({
  student: fc.constantFrom(ada, grace),
  session: fc.constantFrom("s", "t", undefined),
  waitMs: fc.nat({ max: 3 }),
  kind: fc.constantFrom(
    "session_start",
    "session_end",
    "notebook_save",
    "start",
    "start",
    "end",
    "end",
    "end",
    "help",
    "help",
    "help_stop",
    "progress_update",
    "checkin",
    "kernel_restart",
    "activity",
  ),
  execution: fc.nat({ max: 9 }),
  status: fc.constantFrom("ok", "ok", "error", "error", "error", "aborted", "interrupted", "killed"),
  notebookPath: maybe(fc.constantFrom("a.ipynb", "b.ipynb")),
  cellId: maybe(fc.constantFrom("c1", "c2")),
  cellIndex: maybe(fc.nat({ max: 2 })),
  userName: maybe(fc.constantFrom("Ada", "Grace")),
  teamName: maybe(fc.constantFrom("Blue", "Red")),
  helpId: maybe(fc.constantFrom("h", "i")),
  note: maybe(fc.constantFrom("please", "now")),
  code: maybe(fc.constantFrom("1/0", "x = 1")),
  choice: fc.constantFrom("done", "stuck", "more_time"),
  passed: fc.nat({ max: 3 }),
});
type Entry = typeof entries extends fc.Arbitrary<infer T> ? T : never;

/** A stream in which every run starts once and ends once at most, and each session's clock runs forward. */
function streamOf(
  given: readonly Entry[],
  clock: (sessionMs: number, waitMs: number) => number,
): LoggedEvent[] {
  const clocks = new Map<string, { sequence: number; ms: number }>();
  const runs = new Set<string>();
  const told: Fields[] = [];
  for (const [
    place,
    { student, session, waitMs, kind, execution, status, passed, ...fields },
  ] of given.entries()) {
    const isRun = kind === "start" || kind === "end";
    const executionId = `${student}-${execution}`;
    if (isRun && runs.has(`${kind}-${executionId}`)) continue;
    runs.add(`${kind}-${executionId}`);
    const at = clocks.get(`${student}${session}`) ?? { sequence: 0, ms: 1_000 };
    const ms = clock(at.ms, waitMs);
    clocks.set(`${student}${session}`, { sequence: at.sequence + 1, ms });
    const ended = status === "error" ? "cell_execution_error" : "cell_execution_complete";
    const event = {
      ...fields,
      studentId: student,
      eventId: `e${place}`,
      timeMs: ms,
      eventType: { start: "cell_execution_start", end: ended }[kind as "start" | "end"] ?? kind,
      sessionId: session,
      sequence: session && at.sequence + 1,
      ...(isRun && { executionId }),
      ...(kind === "end" && { status }),
      ...(kind === "progress_update" && { passed, total: 3 }),
    };
    told.push(withoutUndefined(event));
  }
  return loggedOf(told);
}

function withoutUndefined<T extends object>(event: T): T {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as T;
}

const forward = (sessionMs: number, waitMs: number) => sessionMs + waitMs;
/** Corrected times of one session jitter: each batch took its own time to arrive. */
const jittering = (_: number, waitMs: number) => 1_000 + waitMs;

const streams = fc.array(entries, { maxLength: 40 }).map((given) => streamOf(given, forward));
const jitteringStreams = fc.array(entries, { maxLength: 40 }).map((given) =>
  streamOf(
    given.map((entry) => ({ ...entry, session: "s" })),
    jittering,
  ),
);

/** Sessions whose clocks go back and forth, each in its own way. */
const wildStreams = fc.array(entries, { maxLength: 40 }).map((given) => streamOf(given, jittering));

const shuffled = (source: fc.Arbitrary<LoggedEvent[]>) =>
  source.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
    ),
  );

const by =
  <T>(keyOf: (entry: T) => string) =>
  (a: T, b: T) =>
    keyOf(a) < keyOf(b) ? -1 : 1;

/** The state without what only says in which order it came about: versions, slots, the order of sets. */
function essenceOf(state: ClassState) {
  const students = Array.from(state.students.values(), ({ version: _version, ...student }) => ({
    shown: studentData({ ...student, version: 0 }),
    ...student,
    doneCells: student.doneCells.toSorted(),
    sessions: student.sessions.toSorted(by(({ id }) => id)),
    helps: student.helps.toSorted(by(({ helpId }) => helpId)),
    runs: student.runs.map(({ slot: _slot, started, ended, ...run }) => ({
      ...run,
      started: started && { ...started, version: 0 },
      ended: ended && { ...ended, version: 0 },
    })),
  }));
  return {
    students: students.toSorted(by(({ id }) => id)),
    notebooks: Array.from(
      state.notebooks.values(),
      ({ version: _version, ...notebook }) => notebook,
    ).toSorted(by(({ path }) => path)),
  };
}

test("a stream in any order ends in the same state", () => {
  fc.assert(
    fc.property(shuffled(streams), ([events, other]) => {
      expect(essenceOf(foldAll(other))).toEqual(essenceOf(foldAll(events)));
    }),
    { numRuns: 500 },
  );
});

test("a session in any order ends in the same state, however its corrected times jitter", () => {
  fc.assert(
    fc.property(shuffled(jitteringStreams), ([events, other]) => {
      expect(essenceOf(foldAll(other))).toEqual(essenceOf(foldAll(events)));
    }),
    { numRuns: 500 },
  );
});

test("several sessions in any order end in the same state, however the time of each goes back and forth", () => {
  fc.assert(
    fc.property(shuffled(wildStreams), ([events, other]) => {
      expect(essenceOf(foldAll(other))).toEqual(essenceOf(foldAll(events)));
    }),
    { numRuns: 500 },
  );
});

test("a checkpoint anywhere in the stream and the rest after it make what the whole stream makes", () => {
  const cut = streams.chain((events) => fc.tuple(fc.constant(events), fc.nat({ max: events.length })));
  fc.assert(
    fc.property(cut, ([events, at]) => {
      const restored = reread(foldAll(events.slice(0, at)));
      expect(allOf(foldAll(events.slice(at), restored))).toEqual(allOf(foldAll(events)));
    }),
  );
});

test("what was logged after a checkpoint is folded when asked for as it would have been at once, checkpoints in between", () => {
  const cuts = streams.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.tuple(
        fc.nat({ max: events.length }),
        fc.nat({ max: events.length }),
        fc.nat({ max: events.length }),
      ),
      fc.nat(),
    ),
  );
  fc.assert(
    fc.property(cuts, ([events, places, asked]) => {
      const [first = 0, second = 0, third = 0] = places.toSorted((a, b) => a - b);
      const groups = new Map<number, string>();
      const woken = reread(foldAll(events.slice(0, first)), groups);
      deferTo(woken, events.slice(first, second));
      const again = reread(woken, groups);
      deferTo(again, events.slice(second, third));
      // Who is asked for first makes no difference to the others, nor to what the class knows together.
      const ids = [...again.students.keys()];
      again.students.get(ids[asked % Math.max(ids.length, 1)] ?? "");
      expect(allOf(foldAll(events.slice(third), again))).toEqual(allOf(foldAll(events)));
    }),
    { numRuns: 300 },
  );
});

test("a state that was written is read as it was", () => {
  fc.assert(
    fc.property(streams, (events) => {
      const state = foldAll(events);
      state.sessions.set("a/b", { highest: 5, gaps: [[2, 3]] });
      state.sessions.set("a/c", { highest: 9, gaps: [], lost: [[2, 3]], lostUnlisted: 1 });
      expect(allOf(reread(state))).toEqual(allOf(state));
    }),
  );
  expect(allOf(reread(new ClassState()))).toEqual(allOf(new ClassState()));
});
