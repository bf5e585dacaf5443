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
  help: v.optional(
    v.object({ helpId: v.string(), sinceMs: timeMs, note: optionalText, ...cellPlaceSchema.entries }),
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
]);
export type Entity = v.InferOutput<typeof entitySchema>;
export type EntityKind = Entity["kind"];
