import { accept, classRevocationSchema, refuse, revocationSchema } from "@cell-monitor/protocol";
import { endSessions } from "../auth/end-sessions.ts";
import { tellClass } from "../classrooms.ts";
import { revokeAllOfClass, revokeSubject } from "../queries/revocations.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const staff = { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" } as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");

const revokeStudent = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/students/:studentId/revoke",
  tag: "auth",
  summary: "Make void all that a student was given for the class until now",
  description: "The student's connections are closed. Who may come back gets a new credential the usual way.",
  policy: staff,
  answer: { status: 200, schema: revocationSchema },
  async handle({ env, db, params: { classId, studentId } }) {
    const revoked = await revokeSubject(db, classId, studentId);
    if (!revoked) return noSuchClass;
    const told = await tellClass(env, classId);
    return told.ok ? accept(answered(revoked)) : told;
  },
});

const revokeClass = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/revoke-all",
  tag: "auth",
  summary: "Make void every key and every student's credential of a class",
  description:
    "What instructors hold stands. Keys have to be issued anew, and students to join or be let in again.",
  policy: staff,
  answer: { status: 200, schema: classRevocationSchema },
  async handle({ env, db, params: { classId } }) {
    const revoked = await revokeAllOfClass(db, classId);
    if (!revoked) return noSuchClass;
    const told = await tellClass(env, classId);
    return told.ok ? accept(answered(revoked)) : told;
  },
});

const revokePerson = defineRoute({
  method: "post",
  path: "/api/v1/instructors/:instructorId/revoke",
  tag: "auth",
  summary: "End every session and token of one who teaches, researches or administers",
  policy: { kind: "roles", roles: ["admin"] },
  answer: { status: 204 },
  async handle({ env, db, params: { instructorId } }) {
    const ended = await endSessions(env, db, instructorId);
    return ended.ok ? accept(answered(null)) : ended;
  },
});

export const revocationRoutes: readonly Route[] = [revokeStudent, revokeClass, revokePerson];
