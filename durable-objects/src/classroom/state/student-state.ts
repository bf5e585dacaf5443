import { runStatusSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { isAfter, type OrderKey, orderKeySchema } from "./order.ts";

const text = v.optional(v.string());
const number = v.optional(v.number());

const placeFields = { notebook: text, cellId: text, cellIndex: number };

/**
 * What a run's start says and what its end says, apart: whichever arrives last, a run reads the same. Code, output and
 * traceback stay in the log, at these versions: they are large, and looked at seldom.
 */
const runStateSchema = v.object({
  executionId: v.string(),
  /** Of the entity: a slot is used again once its run is no longer recent. */
  slot: v.number(),
  /** Of the run's latest event. */
  key: orderKeySchema,
  started: v.optional(v.object({ key: orderKeySchema, ...placeFields, sessionId: text, version: number })),
  ended: v.optional(
    v.object({
      key: orderKeySchema,
      ...placeFields,
      status: runStatusSchema,
      durationMs: number,
      executionCount: number,
      errorName: text,
      version: number,
    }),
  ),
});
export type RunState = v.InferOutput<typeof runStateSchema>;

const helpStateSchema = v.object({
  helpId: v.string(),
  /** Raisings after the last lowering, ascending. */
  raises: v.array(orderKeySchema),
  stopped: v.optional(orderKeySchema),
  note: v.optional(v.object({ key: orderKeySchema, text: v.string() })),
  place: v.optional(v.object({ key: orderKeySchema, ...placeFields })),
  /** The last claim, or with nobody in it the last release. */
  claim: v.optional(
    v.object({ key: orderKeySchema, by: v.optional(v.object({ id: v.string(), name: text })) }),
  ),
});
export type HelpState = v.InferOutput<typeof helpStateSchema>;

const textAtSchema = v.object({ key: orderKeySchema, text: v.string() });

/** All that a class remembers of a student; plain JSON, because the checkpoint is made of it. */
export const studentStateSchema = v.object({
  id: v.string(),
  version: v.number(),
  name: v.optional(textAtSchema),
  team: v.optional(textAtSchema),
  seenMs: v.number(),
  activeMs: v.number(),
  sessions: v.array(v.object({ id: v.string(), lastMs: v.number(), endedMs: number })),
  /** The notebook last worked in, and the cell: saving a notebook says nothing of where in it the student is. */
  notebookAt: v.optional(textAtSchema),
  cellAt: v.optional(v.object({ key: orderKeySchema, ...placeFields })),
  runs: v.array(runStateSchema),
  /** Runs that the kernel turned away, lest a late start bring one back. */
  aborted: v.array(v.object({ key: orderKeySchema, executionId: v.string() })),
  /** When each notebook's kernel was last restarted or died. */
  kernelsGone: v.array(v.object({ key: orderKeySchema, notebook: text })),
  runCount: v.number(),
  errorCount: v.number(),
  /** The latest ends, ascending: what streaks are counted on. */
  ends: v.array(v.object({ key: orderKeySchema, cell: v.string(), isError: v.boolean() })),
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
    seenMs: 0,
    activeMs: 0,
    sessions: [],
    runs: [],
    aborted: [],
    kernelsGone: [],
    runCount: 0,
    errorCount: 0,
    ends: [],
    doneCells: [],
    helps: [],
  };
}

/** What a student is called by who looks, also one of whom no name is known. */
export function nameOf({ id, name }: Pick<StudentState, "id" | "name">): string {
  return name?.text || `Student ${id.slice(0, 4)}`;
}

/** When a request that is open was made; undefined: it isn't open. */
function raisedAt({ raises, stopped }: HelpState): OrderKey | undefined {
  return raises.find((raise) => isAfter(raise, stopped));
}

/** The same as Unix ms. */
export function raisedMs(help: HelpState): number | undefined {
  return raisedAt(help)?.[0];
}

/** Who is on the way; one who came before the hand was last lowered has been there. */
export function claimOf({
  claim,
  stopped,
}: HelpState): { id: string; name?: string | undefined } | undefined {
  return claim && isAfter(claim.key, stopped) ? claim.by : undefined;
}

/** All open requests of a student. */
export function openHelps(student: StudentState): HelpState[] {
  return student.helps.filter((help) => raisedAt(help) !== undefined);
}

/** The open request for help, the oldest if there are several. */
export function openHelp(student: StudentState): { help: HelpState; sinceMs: number } | undefined {
  let oldest: { help: HelpState; key: OrderKey } | undefined;
  for (const help of student.helps) {
    const key = raisedAt(help);
    if (key && (!oldest || isAfter(oldest.key, key))) oldest = { help, key };
  }
  return oldest && { help: oldest.help, sinceMs: oldest.key[0] };
}
