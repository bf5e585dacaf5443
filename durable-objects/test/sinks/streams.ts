import { admitEvent } from "@cell-monitor/protocol";
import fc from "fast-check";

import type { LoggedEvent } from "../../src/sinks/sink.ts";
import { startMs, studentIds } from "./events.ts";

const receivedMs = startMs + 60 * 60 * 1000;
const iso = (ms: number) => new Date(ms).toISOString();
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Few of everything, so that events meet at the same rows; few times, so that order is often a tie. */
const timeMs = fc.integer({ min: 0, max: 5 }).map((step) => startMs + step * 1_000);
// Beyond the BMP and just below it: UTF-16 and UTF-8 sort these differently.
const eventIdPrefix = fc.constantFrom("a", "b", "\u{1F600}", "\uFFEE");

const smallWorld = fc.record({
  eventType: fc.constantFrom(
    "session_start",
    "session_end",
    "notebook_open",
    "notebook_save",
    "cell_execution_start",
    "cell_execution_complete",
    "cell_execution_error",
    "help",
    "help_stop",
    "quiz_answer",
  ),
  eventTime: timeMs.map(iso),
  sessionId: maybe(fc.constantFrom("s1", "s2")),
  userName: maybe(fc.constantFrom("Ada", "Grace", "\u{1F600}")),
  userId: maybe(fc.constantFrom("ada@example.org", "grace")),
  teamName: maybe(fc.constantFrom("Blue", "Red")),
  notebookPath: maybe(fc.constantFrom("a.ipynb", "dir/b.ipynb")),
  notebookId: maybe(fc.constantFrom("n1", "n2")),
  kernelName: maybe(fc.constantFrom("python3", "ir")),
  cellId: maybe(fc.constantFrom("c1", "c2")),
  cellIndex: maybe(fc.integer({ min: 0, max: 3 })),
  cellType: maybe(fc.constantFrom("code", "markdown")),
  cellTags: maybe(fc.constantFrom([], ["exercise"], ["a", "b"])),
  sourceHash: maybe(fc.constantFrom("0123456789abcdef", "fedcba9876543210")),
  executionId: maybe(fc.constantFrom("x1", "x2", "x3")),
  status: maybe(fc.constantFrom("ok", "error", "aborted", "interrupted", "killed")),
  startedAt: maybe(timeMs.map(iso)),
  executionDurationMs: maybe(fc.integer({ min: 0, max: 3_000 })),
  executionCount: maybe(fc.integer({ min: 1, max: 3 })),
  errorName: maybe(fc.constantFrom("KeyError", "NameError")),
  code: maybe(fc.constantFrom("x = 1", "\u{1F600}", "\uFFEE")),
  helpId: maybe(fc.constantFrom("h1", "h2")),
  note: maybe(fc.constantFrom("please", "now")),
  anything: maybe(fc.jsonValue({ maxDepth: 2 })),
});

/** What a class's log may hold: each numbered event has its own number, each event its own id. */
export const smallStream: fc.Arbitrary<LoggedEvent[]> = fc
  .array(
    fc.record({
      raw: smallWorld,
      prefix: eventIdPrefix,
      student: fc.nat({ max: 2 }),
      isNumbered: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((entries) =>
    entries.map(({ raw, prefix, student, isNumbered }, index) => {
      const version = index + 1;
      const sequence = isNumbered && raw.sessionId !== undefined ? entries.length - index : undefined;
      return admitted({ ...raw, sequence, eventId: `${prefix}${version}` }, version, studentIds[student]);
    }),
  );

/** The same events in another order, some of them more than once, in batches. */
export function rearranged(events: readonly LoggedEvent[]): fc.Arbitrary<LoggedEvent[][]> {
  const all = [...events];
  const repeats = fc.subarray(all);
  return fc
    .tuple(
      fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      repeats,
      fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
    )
    .map(([shuffled, repeated, sizes]) => {
      const stream = [...shuffled, ...repeated];
      const batches: LoggedEvent[][] = [];
      while (stream.length > 0) batches.push(stream.splice(0, sizes.next().value));
      return batches;
    });
}

// Any UTF-16 units: what can't be stored, admission repairs or refuses.
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "\u0000",
    "\ud800",
    "'; DROP TABLE students; --",
    '{"}',
    "NULL",
    '\\"',
    "{1,2}",
    "x".repeat(70_000),
    "",
  ),
);
const anyId = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 128 }),
  fc.constantFrom("a".repeat(128), "\u{1F600}".repeat(64)),
);
const anyCount = fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER);
const anyDuration = fc.oneof(
  fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }),
  fc.constantFrom(5e-324, -0, Number.MAX_SAFE_INTEGER),
);
const anyTime = fc.oneof(
  fc
    .date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    "0000-01-01T00:00+23:59",
    "9999-12-31T23:59:59.999-23:59",
    "2026-04-01T09:00:00.123456789Z",
  ),
);

const wildWorld = fc.record(
  {
    eventTime: anyTime,
    sessionId: anyId,
    sequence: fc.constantFrom(1, 2 ** 40, Number.MAX_SAFE_INTEGER),
    userId: anyText,
    userName: anyText,
    teamName: anyText,
    notebookPath: anyText,
    notebookId: anyId,
    kernelName: anyText,
    kernelId: anyId,
    cellId: anyId,
    cellIndex: anyCount,
    cellType: fc.constantFrom("code", "markdown", "raw"),
    cellTags: fc.array(anyText, { maxLength: 5 }),
    gradeId: anyId,
    executionId: anyId,
    status: fc.constantFrom("ok", "error", "aborted", "interrupted", "killed"),
    startedAt: anyTime,
    finishedAt: anyTime,
    queuedMs: anyDuration,
    executionDurationMs: anyDuration,
    executionCount: anyCount,
    errorName: anyText,
    errorMessage: anyText,
    errorTraceback: anyText,
    errorLine: anyCount,
    errorFingerprint: anyId,
    helpId: anyId,
    note: anyText,
    passed: anyCount,
    total: anyCount,
    reason: anyText,
    code: anyText,
    result: anyText,
    outputTypes: fc.array(anyText, { maxLength: 5 }),
    truncated: fc.boolean(),
    metadata: fc.dictionary(anyText, fc.jsonValue({ stringUnit: "binary", maxDepth: 5 })),
  },
  { requiredKeys: ["eventTime"] },
);

const anyType = fc.oneof(
  fc.constantFrom(
    "session_start",
    "session_end",
    "notebook_open",
    "notebook_save",
    "notebook_close",
    "cell_execution_start",
    "cell_execution",
    "help",
    "help_stop",
    "activity",
  ),
  fc.constant("z".repeat(64)),
);

/** Whatever admission lets through, with clocks of any wrongness. */
export const wildStream: fc.Arbitrary<LoggedEvent[]> = fc
  .array(fc.tuple(wildWorld, anyType, fc.constantFrom(undefined, 0, receivedMs, 8.64e15, -8.64e15)), {
    minLength: 1,
    maxLength: 8,
  })
  .map((entries) =>
    entries.flatMap(([fields, eventType, sentMs], index) => {
      const verdict = admitEvent(
        { ...fields, eventType, eventId: `${index}-${"\u{1F600}".repeat(10)}` },
        { receivedMs, sentMs },
      );
      return verdict.ok
        ? [{ version: index + 1, studentId: studentIds[0], receivedMs, ...verdict.admitted }]
        : [];
    }),
  );

function admitted(
  raw: Record<string, unknown>,
  version: number,
  studentId: string = studentIds[0],
): LoggedEvent {
  const verdict = admitEvent(raw, { receivedMs });
  if (!verdict.ok) throw new Error(verdict.message);
  return { version, studentId, receivedMs, ...verdict.admitted };
}
