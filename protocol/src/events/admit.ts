import * as v from "valibot";
import { isDeeperThan, isJsonObject, repairJson } from "../json.ts";
import { limits } from "../limits.ts";
import { byteLength, cutText, repairText, stripAnsi } from "../text.ts";
import {
  type ClassEvent,
  eventFields,
  eventSchema,
  identifierFields,
  isEvent,
  textBytesOf,
} from "./event.ts";
import { errorFingerprint } from "./fingerprint.ts";
import { redactJson, redactSecrets } from "./redact.ts";
import { canonicalType, isMadeByClass } from "./types.ts";
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

interface Prepared {
  readonly fields: Record<string, unknown>;
  /** A field that names something and holds what cannot be stored. */
  readonly badIdentifier: string | undefined;
}

/** What the sender gave beyond the protocol's fields; undefined where that is nothing, or too much to keep. */
function metadataOf(extra: readonly (readonly [string, unknown])[]): unknown {
  if (extra.length === 0 || extra.length > limits.eventFields) return undefined;
  const metadata = redactJson(repairJson(Object.fromEntries(extra)));
  return byteLength(JSON.stringify(metadata)) <= limits.metadataBytes ? metadata : undefined;
}

/** Corrects, cuts and repairs texts; parts what the protocol names from what it doesn't. */
function prepare(raw: Record<string, unknown>): Prepared {
  const fields: Record<string, unknown> = {};
  const extra: [string, unknown][] = [];
  let truncated = false;
  let badIdentifier: string | undefined;
  for (const [given, value] of Object.entries(raw)) {
    // A client that fills every field writes null for "not known".
    if (value === null || value === undefined) continue;
    const key = renamed.get(given) ?? given;
    if (key === "metadata" && isJsonObject(value)) {
      for (const entry of Object.entries(value)) extra.push(entry);
    } else if (!Object.hasOwn(eventFields, key)) {
      extra.push([given, value]);
    } else if (key !== given && (raw[key] ?? null) !== null) {
      // Given under both names: the protocol's own counts.
    } else if (typeof value !== "string") {
      fields[key] = value;
    } else if (identifierFields.has(key)) {
      fields[key] = value;
      if (repairText(value) !== value) badIdentifier ??= key;
    } else {
      // Colours are no part of an error's text: to leave them out is no repair.
      const plain = key.startsWith("error") ? stripAnsi(value) : value;
      // Names are people's, and no secrets; before cutting, lest half of a secret be none.
      const open = textBytesOf.get(key) === limits.nameLength ? plain : redactSecrets(plain);
      const stored = cutText(repairText(open), textBytesOf.get(key) ?? limits.textBytes);
      truncated ||= stored !== open;
      fields[key] = stored;
    }
  }
  const metadata = metadataOf(extra);
  if (metadata) fields["metadata"] = metadata;
  else truncated ||= extra.length > 0;
  if (truncated) fields["truncated"] = true;
  return { fields, badIdentifier };
}

function correctedTime(event: ClassEvent, context: AdmitContext): number {
  const offsetMs = context.sentMs === undefined ? 0 : context.receivedMs - context.sentMs;
  const timeMs = Math.round(Date.parse(event.eventTime) + offsetMs);
  return Math.max(0, Math.min(timeMs, context.receivedMs));
}

/** Lists an event holds are texts too. */
function repairLists(event: ClassEvent): void {
  const repair = (texts: readonly string[]) =>
    texts.map((text) => cutText(repairText(text), limits.nameLength));
  if (event.cellTags) event.cellTags = repair(event.cellTags);
  if (event.outputTypes) event.outputTypes = repair(event.outputTypes);
}

/**
 * A run's end says one thing only: type, `status` and `hasError` agree, the status deciding where it is given, and
 * an end that names no execution is an execution of its own.
 */
function settleOutcome(event: ClassEvent): void {
  const isError = event.eventType === "cell_execution_error";
  if (!isError && event.eventType !== "cell_execution_complete") return;
  event.status ??= isError ? "error" : "ok";
  event.hasError = event.status === "error";
  event.eventType = event.hasError ? "cell_execution_error" : "cell_execution_complete";
  event.executionId ??= event.eventId;
}

function issueOf(fields: Record<string, unknown>): string {
  const { issues } = v.safeParse(eventSchema, fields, { abortEarly: true });
  if (!issues) throw new Error("What is no event by one reading of the schema is one by the other.");
  return `${v.getDotPath(issues[0]) ?? "event"}: ${issues[0].message}`;
}

/** Decides on one event, given as parsed JSON. Pure: the same input gives the same verdict. */
export function admitEvent(raw: unknown, context: AdmitContext): Verdict {
  if (!isJsonObject(raw)) return reject("invalid_event", "An event must be a JSON object.");
  if (Object.keys(raw).length > limits.eventFields) {
    return reject("invalid_event", `An event may have at most ${limits.eventFields} fields.`);
  }
  if (isDeeperThan(raw, limits.jsonDepth)) {
    return reject("too_deep", `An event may nest at most ${limits.jsonDepth} levels.`);
  }
  const { fields: event, badIdentifier } = prepare(raw);
  if (badIdentifier !== undefined) {
    return reject("invalid_event", `${badIdentifier}: holds characters that cannot be stored.`);
  }
  if (!isEvent(event)) return reject("invalid_event", issueOf(event));
  if (event.sequence !== undefined && event.sessionId === undefined) {
    return reject("invalid_event", "sequence: a numbered event needs a sessionId.");
  }
  if (isMadeByClass(event.eventType)) {
    return reject("invalid_event", `eventType: events of the type ${event.eventType} are made by the class.`);
  }
  repairLists(event);
  event.eventType = canonicalType(event.eventType, event.hasError === true);
  settleOutcome(event);
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
