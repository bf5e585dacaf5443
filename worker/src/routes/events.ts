import {
  type Ack,
  admit,
  type EventsAnswer,
  openEnvelope,
  refusalResponse,
  refuse,
  stamp,
} from "@cell-monitor/protocol";
import { classClaimsOf, onlyClass, type Principal } from "../auth/claims.ts";
import { ingest } from "../classrooms.ts";
import { studentsOf } from "../ingest/students.ts";
import { readMeasured } from "../middleware/read-body.ts";
import type { AppContext, Route } from "./route.ts";

/** `POST /events`: body → envelope → admission → identity → the class; answered once the class has it on disk. */
async function postEvents(c: AppContext, who: Principal): Promise<Response> {
  const classId = onlyClass(who);
  if (classId === undefined)
    return refusalResponse(refuse("forbidden", "The credential names no class.").refusal);
  const body = await readMeasured(c);
  if (!body.ok) return refusalResponse(body.refusal);
  const envelope = openEnvelope(body.value.json);
  if (!envelope.ok) return refusalResponse(envelope.refusal);
  const { events: sent, sentMs } = envelope.value;
  const receivedMs = Date.now();
  const studentOf = studentsOf(who);
  const { events, refused, rejected } = stamp(admit(sent, { receivedMs, sentMs }), sent, studentOf);
  const batch = { receivedMs, events, refused, units: body.value.bytes };
  const recorded = await ingest(c.env, classId, classClaimsOf(who, classId), batch);
  if (!recorded.ok) return refusalResponse(recorded.refusal);
  const ack: Ack = {
    accepted: recorded.value.accepted,
    duplicates: recorded.value.duplicates,
    rejected: [...rejected, ...recorded.value.rejected].sort((a, b) => a.index - b.index),
    acks: [...recorded.value.acks],
  };
  const taken = ack.accepted + ack.duplicates;
  if (taken === 0) {
    const [first] = ack.rejected;
    const message = `No event of the batch could be taken: ${first?.message ?? ""}`;
    return refusalResponse(refuse("no_good_event", message, { details: ack }).refusal);
  }
  const message = `${taken} events received and queued for processing.`;
  return c.json({ ...ack, message, notifications: [...recorded.value.notifications] } satisfies EventsAnswer);
}

export const eventRoutes: readonly Route[] = [
  {
    method: "post",
    path: "/api/v1/events",
    policy: { kind: "roles", roles: ["student", "class_key"], scope: "ingest" },
    handle: postEvents,
  },
];
