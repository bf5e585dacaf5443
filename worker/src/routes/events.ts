import {
  accept,
  type Ack,
  admit,
  type EventsAnswer,
  eventsAnswerSchema,
  eventsBodySchema,
  openEnvelope,
  refuse,
  type Rejection,
  type Result,
  stamp,
} from "@cell-monitor/protocol";
import type { Recorded } from "@cell-monitor/durable-objects";
import { classClaimsOf, onlyClass, type Principal } from "../auth/claims.ts";
import { ingest } from "../classrooms.ts";
import { studentsOf } from "../ingest/students.ts";
import { readMeasured } from "../middleware/read-body.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { AppContext, Route } from "./route.ts";

/** `POST /events`: body → envelope → admission → identity → the class; answered once the class has it on disk. */
async function postEvents(c: AppContext, who: Principal): Promise<Result<EventsAnswer>> {
  const classId = onlyClass(who);
  if (classId === undefined) return refuse("forbidden", "The credential names no class.");
  const body = await readMeasured(c);
  if (!body.ok) return body;
  const envelope = openEnvelope(body.value.json);
  if (!envelope.ok) return envelope;
  const { events: sent, sentMs } = envelope.value;
  const receivedMs = Date.now();
  const studentOf = studentsOf(who);
  const { rejected, ...stamped } = stamp(admit(sent, { receivedMs, sentMs }), sent, studentOf);
  const batch = { receivedMs, ...stamped, units: body.value.bytes };
  const recorded = await ingest(c.env, classId, classClaimsOf(who, classId), batch);
  if (!recorded.ok) return recorded;
  return eventsAnswerOf(recorded.value, rejected);
}

/** What is answered of a batch. One of which nothing could be taken is refused. */
export function eventsAnswerOf(recorded: Recorded, refused: readonly Rejection[]): Result<EventsAnswer> {
  const ack: Ack = {
    accepted: recorded.accepted,
    duplicates: recorded.duplicates,
    rejected: [...refused, ...recorded.rejected].sort((a, b) => a.index - b.index),
    acks: [...recorded.acks],
  };
  const taken = ack.accepted + ack.duplicates;
  if (taken === 0) {
    const [first] = ack.rejected;
    const message = `No event of the batch could be taken: ${first?.message ?? ""}`;
    return refuse("no_good_event", message, { details: ack });
  }
  const message = `${taken} events received and queued for processing.`;
  return accept({ ...ack, message, notifications: [...recorded.notifications] });
}

export const eventRoutes: readonly Route[] = [
  defineRoute({
    method: "post",
    path: "/api/v1/events",
    tag: "events",
    summary: "Hand in events, at most a hundred at once",
    policy: { kind: "roles", roles: ["student", "class_key"], scope: "ingest" },
    bodyContentType: "application/json",
    bodyShape: eventsBodySchema,
    refusals: ["no_good_event", "too_many_events", "backlog_full"],
    answer: { status: 200, schema: eventsAnswerSchema },
    async handle({ c, who }) {
      const answer = await postEvents(c, who);
      return answer.ok ? accept(answered(answer.value)) : answer;
    },
  }),
];
