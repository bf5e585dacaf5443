import * as v from "valibot";
import { accept, refuse, type Result } from "../errors.ts";
import { isJsonObject } from "../json.ts";
import { limits } from "../limits.ts";

const envelopeSchema = v.object({
  v: v.literal(1),
  sentAt: v.optional(v.nullable(v.string())),
  events: v.array(v.unknown()),
});

export interface Envelope {
  /** The client's clock at sending, Unix ms. */
  readonly sentMs?: number;
  /** Not yet looked at. */
  readonly events: readonly unknown[];
}

/** Opens the body of `POST /events`: an envelope, an array of events, or one event. */
export function openEnvelope(body: unknown): Result<Envelope> {
  const envelope = Array.isArray(body)
    ? { v: 1 as const, events: body }
    : isJsonObject(body) && !("events" in body) && "eventType" in body
      ? { v: 1 as const, events: [body] }
      : body;
  const parsed = v.safeParse(envelopeSchema, envelope);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return refuse(
      "invalid_body",
      `The body is no list of events: ${v.getDotPath(issue) ?? "body"}: ${issue.message}`,
    );
  }
  const { events, sentAt } = parsed.output;
  if (events.length === 0) return refuse("invalid_body", "The list of events is empty.");
  if (events.length > limits.batchEvents) {
    return refuse(
      "too_many_events",
      `A batch holds at most ${limits.batchEvents} events, not ${events.length}.`,
    );
  }
  const sentMs = Date.parse(sentAt ?? "");
  return accept(Number.isNaN(sentMs) ? { events } : { events, sentMs });
}

const eventShape = v.looseObject({
  eventId: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.eventIdLength)),
  eventType: v.string(),
  eventTime: v.pipe(v.string(), v.isoTimestamp()),
});

/** What `openEnvelope` takes, for documentation: each event is looked at by itself, and refused alone. */
export const eventsBodySchema = v.union([
  v.object({
    v: v.literal(1),
    sentAt: v.optional(v.nullable(v.string())),
    events: v.pipe(v.array(eventShape), v.minLength(1), v.maxLength(limits.batchEvents)),
  }),
  v.pipe(v.array(eventShape), v.minLength(1), v.maxLength(limits.batchEvents)),
  eventShape,
]);

/** What a client sends. */
export interface OutgoingEnvelope<Event> {
  readonly v: 1;
  readonly sentAt: string;
  readonly events: readonly Event[];
}
