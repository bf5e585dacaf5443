import * as v from "valibot";
import { isJsonObject } from "../json.ts";
import { limits } from "../limits.ts";

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idLength));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const durationMs = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const text = v.string();

// Date.parse takes much that is not ISO 8601, and takes a time without an offset as local time.
const isoForm =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

// Date.parse makes March of February's 30th.
function isRealDay(time: string): boolean {
  const day = Number(time.slice(8, 10));
  // Every month has that many; only the rest is worth a calendar.
  if (day <= 28) return true;
  const [year, month] = [Number(time.slice(0, 4)), Number(time.slice(5, 7))];
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const isoTime = v.pipe(
  v.string(),
  v.maxLength(40),
  v.regex(isoForm, "must be an ISO 8601 time with an offset"),
  v.check(isRealDay, "must be a real time"),
);

export const eventTypePattern = /^[a-z][a-z0-9_]{0,63}$/;

/** How a run ended. */
export const runStatusSchema = v.picklist(["ok", "error", "aborted", "interrupted", "killed"]);
export type RunStatus = v.InferOutput<typeof runStatusSchema>;

/** The fields of an event. Texts over their bound have been cut before this is applied. */
export const eventFields = {
  eventId: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.eventIdLength)),
  eventType: v.pipe(v.string(), v.regex(eventTypePattern, "must be lower-case letters, digits and _")),
  eventTime: isoTime,
  sessionId: v.optional(id),
  sequence: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER))),
  userId: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameLength))),
  userName: v.optional(text),
  teamName: v.optional(text),
  notebookPath: v.optional(text),
  notebookId: v.optional(id),
  kernelName: v.optional(text),
  kernelId: v.optional(id),
  cellId: v.optional(id),
  cellIndex: v.optional(count),
  cellType: v.optional(v.picklist(["code", "markdown", "raw"])),
  cellTags: v.optional(v.pipe(v.array(text), v.maxLength(limits.listLength))),
  gradeId: v.optional(id),
  sourceHash: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, "must be 16 hex digits"))),
  executionId: v.optional(id),
  status: v.optional(runStatusSchema),
  startedAt: v.optional(isoTime),
  finishedAt: v.optional(isoTime),
  queuedMs: v.optional(durationMs),
  executionDurationMs: v.optional(durationMs),
  executionCount: v.optional(count),
  hasError: v.optional(v.boolean()),
  errorName: v.optional(text),
  errorMessage: v.optional(text),
  errorTraceback: v.optional(text),
  errorLine: v.optional(count),
  errorFingerprint: v.optional(id),
  helpId: v.optional(id),
  note: v.optional(text),
  passed: v.optional(count),
  total: v.optional(count),
  choice: v.optional(v.picklist(["done", "stuck", "more_time"])),
  lastSequence: v.optional(count),
  from: v.optional(count),
  to: v.optional(count),
  reason: v.optional(text),
  code: v.optional(text),
  result: v.optional(text),
  outputTypes: v.optional(v.pipe(v.array(text), v.maxLength(limits.listLength))),
  truncated: v.optional(v.boolean()),
  testId: v.optional(id),
} as const;

export const eventSchema = v.object({
  ...eventFields,
  /** What the sender gave beyond the fields above. */
  metadata: v.optional(v.custom<Record<string, unknown>>(isJsonObject)),
});

/** One event, as a client sends it and, with a canonical `eventType`, as everything behind admission sees it. */
export type ClassEvent = v.InferOutput<typeof eventSchema>;

const fieldSchemas: ReadonlyMap<string, v.GenericSchema> = new Map(Object.entries(eventSchema.entries));
const requiredFields = Array.from(fieldSchemas.keys()).filter(
  (name) => fieldSchemas.get(name)?.type !== "optional",
);

/**
 * Whether an object is an event, and holds nothing else. Says what `eventSchema` says at half the cost: of some fifty
 * fields an event has a dozen, and only those are looked at.
 */
export function isEvent(fields: object): fields is ClassEvent {
  for (const name of requiredFields) if (!Object.hasOwn(fields, name)) return false;
  for (const [name, value] of Object.entries(fields)) {
    const schema = fieldSchemas.get(name);
    if (!schema || !v.is(schema, value)) return false;
  }
  return true;
}

/** How many UTF-8 bytes a text may have where it isn't `limits.textBytes`. */
export const textBytesOf: ReadonlyMap<string, number> = new Map([
  ["errorTraceback", limits.tracebackBytes],
  ["notebookPath", limits.pathLength],
  ["userName", limits.nameLength],
  ["teamName", limits.nameLength],
  ["kernelName", limits.nameLength],
  ["errorName", limits.nameLength],
]);

/** Fields that name something: cutting or repairing one would name something else, so a bad one is refused. */
export const identifierFields: ReadonlySet<string> = new Set([
  "eventId",
  "eventType",
  "eventTime",
  "sessionId",
  "userId",
  "notebookId",
  "kernelId",
  "cellId",
  "cellType",
  "gradeId",
  "sourceHash",
  "executionId",
  "status",
  "startedAt",
  "finishedAt",
  "errorFingerprint",
  "helpId",
  "choice",
  "testId",
]);
