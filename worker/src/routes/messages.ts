import { actionAnswerSchema, announcementRequestSchema, messageRequestSchema } from "@cell-monitor/protocol";
import { defineRoute } from "./define-route.ts";
import { act } from "./help.ts";
import type { Route } from "./route.ts";

const staff = { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" } as const;
const answer = { status: 200, schema: actionAnswerSchema } as const;

const message = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/messages",
  tag: "help",
  summary: "Write to a student",
  description: "One who is not there is told on coming back, within a day.",
  policy: staff,
  body: messageRequestSchema,
  answer,
  handle: ({ env, who, params: { classId }, body: { student_id: studentId, text } }) =>
    act(env, who, classId, { type: "message", studentId, text }),
});

const announce = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/announcements",
  tag: "help",
  summary: "Write to all students of a class",
  description: "Who is not there is told on coming, within a day.",
  policy: staff,
  body: announcementRequestSchema,
  answer,
  handle: ({ env, who, params: { classId }, body: { text } }) =>
    act(env, who, classId, { type: "announce", text }),
});

export const messageRoutes: readonly Route[] = [message, announce];
