import {
  accept,
  admit,
  captureListQuerySchema,
  captureQuerySchema,
  eventsAnswerSchema,
  eventsBodySchema,
  isJsonObject,
  openEnvelope,
  refuse,
  stamp,
  testCaptureSchema,
  testIdSchema,
  testSummarySchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { classClaimsOf, isPerson, type Principal } from "../auth/claims.ts";
import { ingest } from "../classrooms.ts";
import { studentsOf } from "../ingest/students.ts";
import { readMeasured } from "../middleware/read-body.ts";
import { askCapture, seenBy, testedClass } from "../test-captures.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import { eventsAnswerOf } from "./events.ts";
import type { Route } from "./route.ts";

const policy = {
  kind: "roles",
  roles: ["student", "class_key", "instructor", "admin"],
  scope: "ingest",
} as const;
const about = { tag: "test capture", policy, query: captureQuerySchema } as const;
const pathOfOne = "/api/v1/test/events/:testId";
const params = { testId: testIdSchema };
const noSuchTest = refuse("not_found", "Nothing was captured for this test, or its ten minutes are over.");

/** A person who tries something out is the student of their own test. */
function ownersOf(who: Principal): ReturnType<typeof studentsOf> {
  return isPerson(who) ? () => ({ studentId: who.sub, userName: who.name }) : studentsOf(who);
}

const capture = defineRoute({
  ...about,
  method: "post",
  path: pathOfOne,
  summary: "Capture events for a test",
  description:
    "Takes what `POST /api/v1/events` takes, and admits it alike; none of it is recorded in the class. Events sent to " +
    "`POST /api/v1/events`, or over a student's live connection, are captured too if they name the test: `testId`.",
  params,
  bodyContentType: "application/json",
  bodyShape: eventsBodySchema,
  refusals: ["no_good_event", "too_many_events", "backlog_full"],
  answer: { status: 200, schema: eventsAnswerSchema },
  async handle({ c, env, who, query, params: { testId } }) {
    const tested = testedClass(who, query.class_id);
    if (!tested.ok) return tested;
    const body = await readMeasured(c);
    if (!body.ok) return body;
    const envelope = openEnvelope(body.value.json);
    if (!envelope.ok) return envelope;
    const { events, sentMs } = envelope.value;
    const receivedMs = Date.now();
    const sent = events.map((event) => (isJsonObject(event) ? { ...event, testId } : event));
    const { captured, rejected } = stamp(admit(sent, { receivedMs, sentMs }), sent, ownersOf(who));
    // A session's numbers are those of what the class records: here they are only looked at.
    const batch = { receivedMs, events: [], refused: [], captured, units: body.value.bytes };
    const recorded = await ingest(env, tested.value, classClaimsOf(who, tested.value), batch);
    if (!recorded.ok) return recorded;
    const answer = eventsAnswerOf(recorded.value, rejected);
    return answer.ok ? accept(answered(answer.value)) : answer;
  },
});

const list = defineRoute({
  ...about,
  method: "get",
  path: "/api/v1/test/events",
  summary: "The tests of which something is captured now",
  description: "A student's credential sees its own events only, here and in each test.",
  query: captureListQuerySchema,
  answer: { status: 200, schema: v.array(testSummarySchema), isList: true },
  async handle({ env, who, query: { class_id, ...page } }) {
    const tested = testedClass(who, class_id);
    if (!tested.ok) return tested;
    const asked = await askCapture(env, who, tested.value, (tests) => tests.list(page, seenBy(who)));
    if (!asked.ok) return asked;
    return accept(answered([...asked.value.tests], { total: asked.value.total }));
  },
});

const show = defineRoute({
  ...about,
  method: "get",
  path: pathOfOne,
  summary: "What was captured for a test, in the order of its arrival",
  params,
  answer: { status: 200, schema: testCaptureSchema },
  async handle({ env, who, query, params: { testId } }) {
    const tested = testedClass(who, query.class_id);
    if (!tested.ok) return tested;
    const asked = await askCapture(env, who, tested.value, (tests) => tests.read(testId, seenBy(who)));
    if (!asked.ok) return asked;
    return asked.value ? accept(answered(asked.value)) : noSuchTest;
  },
});

const remove = defineRoute({
  ...about,
  method: "delete",
  path: pathOfOne,
  summary: "Forget what was captured for a test",
  params,
  answer: { status: 200, schema: testCaptureSchema },
  async handle({ env, who, query, params: { testId } }) {
    const tested = testedClass(who, query.class_id);
    if (!tested.ok) return tested;
    const asked = await askCapture(env, who, tested.value, (tests) => tests.remove(testId, seenBy(who)));
    if (!asked.ok) return asked;
    return asked.value ? accept(answered(asked.value)) : noSuchTest;
  },
});

export const testEventRoutes: readonly Route[] = [capture, list, show, remove];
