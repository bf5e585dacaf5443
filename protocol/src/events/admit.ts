import * as v from "valibot";
import { isDeeperThan, isJsonObject, repairJson } from "../json.ts";
import { limits } from "../limits.ts";
import { byteLength, cutText, repairText, stripAnsi } from "../text.ts";
import { type ClassEvent, eventFields, eventSchema, identifierFields, textBytesOf } from "./event.ts";
import { errorFingerprint } from "./fingerprint.ts";
import { canonicalType } from "./types.ts";
import type { RejectionCode } from "../errors.ts";
import type { Rejection } from "./ack.ts";

/** An event that passed admission, with the time it happened by the server's clock. */
export interface AdmittedEvent {
  readonly event: ClassEvent;
  /** The client's time corrected by the client's clock offset; from 1970 to the arrival. Unix ms. */
  readonly timeMs: number;
}

export interface AdmitContext {
  /** Arrival by the server's clock, Unix ms. */
  readonly receivedMs: number;
  /** The client's clock at sending, Unix ms. */
  readonly sentMs?: number | undefined;
}

export type Verdict =
  | { readonly ok: true; readonly admitted: AdmittedEvent }
  | { readonly ok: false; readonly code: RejectionCode; readonly message: string };

const renamed: ReadonlyMap<string, string> = new Map([
  ["emailAddress", "userId"],
  ["test_id", "testId"],
]);

function reject(code: RejectionCode, message: string): Verdict {
  return { ok: false, code, message };
}

/** Corrects, cuts and repairs texts; parts what the protocol names from what it doesn't. */
function prepare(raw: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const extra: [string, unknown][] = [];
  let truncated = false;
  for (const [given, value] of Object.entries(raw)) {
    // A client that fills every field writes null for "not known".
    if (value === null || value === undefined) continue;
    const key = renamed.get(given) ?? given;
    if (key === "metadata" && isJsonObject(value)) {
      extra.push(...Object.entries(value));
    } else if (!Object.hasOwn(eventFields, key)) {
      extra.push([given, value]);
    } else if (key !== given && (raw[key] ?? null) !== null) {
      // Given under both names: the protocol's own counts.
    } else if (typeof value !== "string" || identifierFields.has(key)) {
      fields[key] = value;
    } else {
      // Colours are no part of an error's text: to leave them out is no repair.
      const plain = key.startsWith("error") ? stripAnsi(value) : value;
      const stored = cutText(repairText(plain), textBytesOf.get(key) ?? limits.textBytes);
      truncated ||= stored !== plain;
      fields[key] = stored;
    }
  }
  if (extra.length > 0) {
    const metadata = repairJson(Object.fromEntries(extra));
    if (byteLength(JSON.stringify(metadata)) <= limits.metadataBytes) fields["metadata"] = metadata;
    else truncated = true;
  }
  if (truncated) fields["truncated"] = true;
  return fields;
}

function hasBadIdentifier(fields: Record<string, unknown>): string | undefined {
  for (const key of identifierFields) {
    const value = fields[key];
    if (typeof value === "string" && repairText(value) !== value) return key;
  }
  return undefined;
}

function correctedTime(event: ClassEvent, context: AdmitContext): number {
  const offsetMs = context.sentMs === undefined ? 0 : context.receivedMs - context.sentMs;
  const timeMs = Math.round(Date.parse(event.eventTime) + offsetMs);
  return Math.max(0, Math.min(timeMs, context.receivedMs));
}

/** Lists an event holds are texts too. */
function repairLists(event: ClassEvent): ClassEvent {
  if (!event.cellTags && !event.outputTypes) return event;
  const repair = (texts: readonly string[]) =>
    texts.map((text) => cutText(repairText(text), limits.nameLength));
  return {
    ...event,
    ...(event.cellTags && { cellTags: repair(event.cellTags) }),
    ...(event.outputTypes && { outputTypes: repair(event.outputTypes) }),
  };
}

/**
 * A run's end says one thing only: type, `status` and `hasError` agree, the status deciding where it is given, and
 * an end that names no execution is an execution of its own.
 */
function withOutcome(event: ClassEvent): ClassEvent {
  const isError = event.eventType === "cell_execution_error";
  if (!isError && event.eventType !== "cell_execution_complete") return event;
  const status = event.status ?? (isError ? "error" : "ok");
  return {
    ...event,
    eventType: status === "error" ? "cell_execution_error" : "cell_execution_complete",
    status,
    hasError: status === "error",
    executionId: event.executionId ?? event.eventId,
  };
}

/** Decides on one event, given as parsed JSON. Pure: the same input gives the same verdict. */
export function admitEvent(raw: unknown, context: AdmitContext): Verdict {
  if (!isJsonObject(raw)) return reject("invalid_event", "An event must be a JSON object.");
  if (isDeeperThan(raw, limits.jsonDepth)) {
    return reject("too_deep", `An event may nest at most ${limits.jsonDepth} levels.`);
  }
  const fields = prepare(raw);
  const badId = hasBadIdentifier(fields);
  if (badId !== undefined)
    return reject("invalid_event", `${badId}: holds characters that cannot be stored.`);
  const parsed = v.safeParse(eventSchema, fields, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return reject("invalid_event", `${v.getDotPath(issue) ?? "event"}: ${issue.message}`);
  }
  if (parsed.output.sequence !== undefined && parsed.output.sessionId === undefined) {
    return reject("invalid_event", "sequence: a numbered event needs a sessionId.");
  }
  const event = withOutcome({
    ...repairLists(parsed.output),
    eventType: canonicalType(parsed.output.eventType, parsed.output.hasError === true),
  });
  if (event.errorName !== undefined) {
    event.errorFingerprint ??= errorFingerprint({ ...event, errorName: event.errorName });
  }
  return { ok: true, admitted: { event, timeMs: correctedTime(event, context) } };
}

export interface Admission {
  readonly admitted: readonly AdmittedEvent[];
  /** By place in what was sent. */
  readonly rejected: readonly Rejection[];
  /** Places in what was sent of the admitted ones, in the same order. */
  readonly places: readonly number[];
}

/** Decides on each event by itself; one that is refused never costs another its place. */
export function admit(events: readonly unknown[], context: AdmitContext): Admission {
  const admitted: AdmittedEvent[] = [];
  const places: number[] = [];
  const rejected: Rejection[] = [];
  for (const [index, raw] of events.entries()) {
    const verdict = admitEvent(raw, context);
    if (verdict.ok) {
      admitted.push(verdict.admitted);
      places.push(index);
    } else {
      rejected.push({ index, ...identityOf(raw), code: verdict.code, message: verdict.message });
    }
  }
  return { admitted, rejected, places };
}

/** What can be said of which event a refused one is. */
export function identityOf(raw: unknown): Pick<Rejection, "eventId" | "sessionId" | "sequence"> {
  if (!isJsonObject(raw)) return {};
  const identity = v.safeParse(
    v.object({
      eventId: v.fallback(v.optional(eventFields.eventId), undefined),
      sessionId: v.fallback(eventFields.sessionId, undefined),
      sequence: v.fallback(eventFields.sequence, undefined),
    }),
    raw,
  );
  if (!identity.success) return {};
  const { eventId, sessionId, sequence } = identity.output;
  return {
    ...(eventId !== undefined && { eventId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(sequence !== undefined && { sequence }),
  };
}
