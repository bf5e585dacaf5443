import * as v from "valibot";
import { captureLevelSchema } from "../events/levels.ts";
import { runStatusSchema } from "../events/event.ts";

const timeMs = v.number();
const optionalText = v.optional(v.string());

/** The class itself; its id is the class's. */
export const classDataSchema = v.object({
  name: v.string(),
  code: v.string(),
  captureLevel: captureLevelSchema,
  /** Errors in a row on one cell that make a student stuck. */
  stuckAfterErrors: v.number(),
  idleAfterMs: v.number(),
  /** Students who have chosen not to share what they do: only that they are there and ask for help is known. */
  notSharing: v.optional(v.array(v.string())),
});
export type ClassData = v.InferOutput<typeof classDataSchema>;

/** How far a store is behind the class's log. One entity a sink; its id is the sink's name. */
export const sinkDataSchema = v.object({
  /** Events not yet written. */
  behind: v.number(),
  failing: v.boolean(),
  deadLetters: v.number(),
});
export type SinkData = v.InferOutput<typeof sinkDataSchema>;

/** A notebook of the class; its id is its path. */
export const notebookDataSchema = v.object({
  path: v.string(),
  /** Cells, as far as anybody's copy has shown. */
  cellCount: v.number(),
});
export type NotebookData = v.InferOutput<typeof notebookDataSchema>;

const cellPlaceSchema = v.object({
  notebook: optionalText,
  cellId: optionalText,
  cellIndex: v.optional(v.number()),
});

/** A student as the class sees them now; the id is the student's. */
export const studentDataSchema = v.object({
  name: v.string(),
  team: optionalText,
  /** A page of theirs is open: a session has started and not ended. */
  present: v.boolean(),
  /** Last sign of life, help repeats included; coarse. */
  seenMs: timeMs,
  /** Last thing done. */
  activeMs: timeMs,
  /** Where they last worked. */
  place: v.optional(cellPlaceSchema),
  running: v.optional(v.object({ executionId: v.string(), ...cellPlaceSchema.entries, startedMs: timeMs })),
  lastRun: v.optional(
    v.object({
      ...cellPlaceSchema.entries,
      status: runStatusSchema,
      endedMs: timeMs,
      durationMs: v.optional(v.number()),
      errorName: optionalText,
      errorMessage: optionalText,
      errorFingerprint: optionalText,
    }),
  ),
  runs: v.number(),
  errors: v.number(),
  /** Errors in a row on the cell last run; 0 after anything that went well. */
  streak: v.number(),
  /** Different cells that ran without an error. */
  cellsDone: v.number(),
  /** Stands for them where many students are listed, such as those who reached a cell. */
  number: v.optional(v.number()),
  help: v.optional(
    v.object({
      helpId: v.string(),
      sinceMs: timeMs,
      note: optionalText,
      ...cellPlaceSchema.entries,
      /** Who is on the way. */
      claimedBy: v.optional(v.object({ id: v.string(), name: optionalText })),
    }),
  ),
  progress: v.optional(v.object({ passed: v.number(), total: v.number() })),
  checkin: v.optional(v.object({ choice: v.picklist(["done", "stuck", "more_time"]), atMs: timeMs })),
  /** Whether a connection of theirs is open; absent where they have none, or send over HTTP. */
  connected: v.optional(v.boolean()),
  /** Events of their open sessions that the class knows of and has not received; absent when there are none. */
  missing: v.optional(v.number()),
});
export type StudentData = v.InferOutput<typeof studentDataSchema>;

/** One of a student's recent runs; sent to who subscribed to the student. Its id is `studentId/slot`. */
export const runDataSchema = v.object({
  studentId: v.string(),
  executionId: v.string(),
  ...cellPlaceSchema.entries,
  /** Absent while it runs. */
  status: v.optional(runStatusSchema),
  startedMs: v.optional(timeMs),
  endedMs: v.optional(timeMs),
  durationMs: v.optional(v.number()),
  executionCount: v.optional(v.number()),
  errorName: optionalText,
  errorMessage: optionalText,
  errorTraceback: optionalText,
  code: optionalText,
  result: optionalText,
});
export type RunData = v.InferOutput<typeof runDataSchema>;

/** The lesson that cells and errors are counted in, or the day without one. There is one such entity: `current`. */
export const lessonDataSchema = v.object({
  kind: v.picklist(["lesson", "day"]),
  /** Ids of cells and errors begin with this and a slash; those of an earlier scope are no more, and get no tombstone. */
  scope: v.string(),
  lessonId: optionalText,
  title: optionalText,
  startedMs: timeMs,
  stoppedMs: v.optional(timeMs),
  /** From when to when; one that still goes on has no end. */
  breaks: v.array(v.pipe(v.array(timeMs), v.minLength(1), v.maxLength(2))),
  /** Cells of the reference notebook; 0: there is none. */
  referenceCells: v.number(),
});
export type LessonData = v.InferOutput<typeof lessonDataSchema>;

/** What a cell of the reference notebook is for. */
export const cellRoleSchema = v.picklist(["exercise", "check", "scaffold", "optional", "expected_error"]);
export type CellRole = v.InferOutput<typeof cellRoleSchema>;

/** Students by their `number`, 32 to an unsigned word. */
const studentBits = v.array(v.number());

/** How a class does on one cell; its id is `scope/number`. Runs that the kernel turned away count as nothing. */
export const cellDataSchema = v.object({
  ...cellPlaceSchema.entries,
  gradeId: optionalText,
  /** Place in the reference, from 0; absent for cells that are none of its. */
  place: v.optional(v.number()),
  role: v.optional(cellRoleSchema),
  /** All cells that are no copy of one of the reference's, or too many to be told apart. */
  own: v.optional(v.literal(true)),
  runs: v.number(),
  /** Runs that ended in an error which nobody wanted. */
  failures: v.number(),
  /** Students of whom a run of it has ended. */
  reached: v.number(),
  reachedBy: studentBits,
  passed: v.number(),
  passedBy: studentBits,
  /** What those who passed took from the beginning of their first run to the end of the first that passed, without breaks. */
  medianMs: v.optional(v.number()),
});
export type CellData = v.InferOutput<typeof cellDataSchema>;

/** One mistake, whoever made it; its id is `scope/number`. */
export const errorDataSchema = v.object({
  /** Empty, like the name, for all that are too many to be told apart. */
  fingerprint: v.string(),
  name: v.string(),
  /** Without the values that differ; only where the class collects messages. */
  message: optionalText,
  count: v.number(),
  lastMs: timeMs,
  students: v.number(),
  studentsBy: studentBits,
  /** Ids of the cells it was made in, as many as are listed. */
  cells: v.array(v.string()),
});
export type ErrorData = v.InferOutput<typeof errorDataSchema>;

/** What happened in one minute; its id is the minute's number since 1970. Kept for a day, whatever the lesson. */
export const minuteDataSchema = v.object({
  startMs: timeMs,
  events: v.number(),
  runs: v.number(),
  errors: v.number(),
  /** Students who did something. */
  active: v.number(),
  /** Hands raised. */
  help: v.number(),
});
export type MinuteData = v.InferOutput<typeof minuteDataSchema>;

function entity<const Kind extends string, Data extends v.GenericSchema>(kind: Kind, data: Data) {
  return v.object({
    kind: v.literal(kind),
    id: v.string(),
    /** Of the class, when this entity last changed. */
    version: v.number(),
    /** Null: it is no more. */
    data: v.nullable(data),
  });
}

export const entitySchema = v.variant("kind", [
  entity("class", classDataSchema),
  entity("sink", sinkDataSchema),
  entity("notebook", notebookDataSchema),
  entity("student", studentDataSchema),
  entity("run", runDataSchema),
  entity("lesson", lessonDataSchema),
  entity("cell", cellDataSchema),
  entity("error", errorDataSchema),
  entity("minute", minuteDataSchema),
]);
export type Entity = v.InferOutput<typeof entitySchema>;
export type EntityKind = Entity["kind"];

/** Whether a student is one of those listed, by the student's number. */
export function isListed(bits: readonly number[], number: number): boolean {
  return (((bits[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
}
