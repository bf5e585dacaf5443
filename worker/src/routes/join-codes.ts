import { accept, joinCodeSchema, refuse } from "@cell-monitor/protocol";
import { newJoinCode } from "../auth/secrets.ts";
import { announceClass } from "../classrooms.ts";
import { replaceJoinCode } from "../queries/joining.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const replace = defineRoute({
  method: "post",
  path: "/api/v1/classes/:classId/join-code",
  tag: "auth",
  summary: "Give a class another join code",
  description: "Nobody joins with the old one any more; who has joined stays.",
  policy: { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" },
  answer: { status: 201, schema: joinCodeSchema },
  async handle({ env, db, params: { classId } }) {
    const replaced = await replaceJoinCode(db, classId, newJoinCode());
    if (!replaced) return refuse("class_not_found", "There is no such class.");
    await announceClass(env, classId);
    return accept(answered(replaced));
  },
});

export const joinCodeRoutes: readonly Route[] = [replace];
