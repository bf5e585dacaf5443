import { runStatusSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { orderKeySchema } from "./order.ts";

const text = v.optional(v.string());
const number = v.optional(v.number());

const placeFields = { notebook: text, cellId: text, cellIndex: number };

const runStateSchema = v.object({
  executionId: v.string(),
  /** Of the entity: a slot is used again once its run is no longer recent. */
  slot: v.number(),
  /** Of the run's latest event. */
  key: orderKeySchema,
  ended: v.boolean(),
  ...placeFields,
  status: v.optional(runStatusSchema),
  startedMs: number,
  endedMs: number,
  durationMs: number,
  executionCount: number,
  errorName: text,
  errorMessage: text,
  errorTraceback: text,
  errorFingerprint: text,
  code: text,
  result: text,
});
export type RunState = v.InferOutput<typeof runStateSchema>;

const helpStateSchema = v.object({
  helpId: v.string(),
  sinceMs: v.number(),
  raised: v.optional(orderKeySchema),
  stopped: v.optional(orderKeySchema),
  note: text,
  ...placeFields,
});
export type HelpState = v.InferOutput<typeof helpStateSchema>;

/** All that a class remembers of a student; plain JSON, because the checkpoint is made of it. */
export const studentStateSchema = v.object({
  id: v.string(),
  version: v.number(),
  name: v.string(),
  team: text,
  identified: v.optional(orderKeySchema),
  seenMs: v.number(),
  activeMs: v.number(),
  /** Sessions by id, false once ended. */
  sessions: v.record(v.string(), v.boolean()),
  place: v.optional(v.object({ key: orderKeySchema, ...placeFields })),
  runs: v.array(runStateSchema),
  runCount: v.number(),
  errorCount: v.number(),
  /** The latest ends, ascending: what streaks are counted on. */
  ends: v.array(v.object({ key: orderKeySchema, cell: v.string(), isError: v.boolean(), executionId: v.string() })),
  lastRun: v.optional(
    v.object({
      key: orderKeySchema,
      ...placeFields,
      status: runStatusSchema,
      endedMs: v.number(),
      durationMs: number,
      errorName: text,
      errorMessage: text,
      errorFingerprint: text,
    }),
  ),
  /** Cells that ran without an error. */
  doneCells: v.array(v.string()),
  helps: v.array(helpStateSchema),
  progress: v.optional(v.object({ key: orderKeySchema, passed: v.number(), total: v.number() })),
  checkin: v.optional(
    v.object({ key: orderKeySchema, choice: v.picklist(["done", "stuck", "more_time"]), atMs: v.number() }),
  ),
});
export type StudentState = v.InferOutput<typeof studentStateSchema>;

export function newStudent(id: string): StudentState {
  return {
    id,
    version: 0,
    name: "",
    seenMs: 0,
    activeMs: 0,
    sessions: {},
    runs: [],
    runCount: 0,
    errorCount: 0,
    ends: [],
    doneCells: [],
    helps: [],
  };
}

/** The open request for help, the oldest if there are several. */
export function openHelp(student: StudentState): HelpState | undefined {
  return student.helps.filter(isOpen).sort((a, b) => a.sinceMs - b.sinceMs)[0];
}

export function isOpen({ raised, stopped }: HelpState): boolean {
  if (!raised) return false;
  return !stopped || raised[0] > stopped[0] || (raised[0] === stopped[0] && raised[1] > stopped[1]);
}
