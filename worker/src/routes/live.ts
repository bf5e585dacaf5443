import { liveHolderHeader } from "@cell-monitor/durable-objects";
import { refusalResponse, refuse } from "@cell-monitor/protocol";
import { classClaimsOf, liveHolderOf, onlyClass, type Principal } from "../auth/claims.ts";
import { checkWithClass, classroomOf } from "../classrooms.ts";
import { defineRoute } from "./define-route.ts";
import type { AppContext, Route } from "./route.ts";

const instructors = ["instructor", "ta", "admin"] as const;

/** Hands an upgrade over to its class, with who it is and without the credential. */
async function upgrade(c: AppContext, who: Principal, classId: string): Promise<Response> {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    return refusalResponse(refuse("upgrade_required", "This address speaks WebSocket.").refusal);
  }
  const { ticketId: _, ...claims } = classClaimsOf(who, classId);
  const known = await checkWithClass(c.env, classId, claims);
  if (!known.ok) return refusalResponse(known.refusal);
  const headers = new Headers({ upgrade: "websocket" });
  const protocols = c.req.header("sec-websocket-protocol");
  if (protocols !== undefined) headers.set("sec-websocket-protocol", withoutBearer(protocols));
  headers.set(liveHolderHeader, JSON.stringify(liveHolderOf(who, classId)));
  try {
    return await classroomOf(c.env, classId).fetch(new Request(c.req.url, { headers }));
  } catch {
    return refusalResponse(
      refuse("unavailable", "The class did not answer.", { retryAfterMs: 1_000 }).refusal,
    );
  }
}

function withoutBearer(protocols: string): string {
  const names = protocols.split(",").map((name) => name.trim());
  return names.filter((name) => !name.startsWith("bearer.")).join(", ");
}

const toClass = defineRoute({
  method: "get",
  path: "/api/v1/live/:classId",
  tag: "live",
  summary: "A live connection to a class, by WebSocket",
  policy: { kind: "roles", roles: [...instructors, "student"], classParameter: "classId" },
  answer: { status: 101 },
  handle: ({ c, who, params }) => upgrade(c, who, params.classId),
});

const toOwnClass = defineRoute({
  method: "get",
  path: "/ws",
  tag: "live",
  summary: "The same for an instructor whose credential names one class",
  policy: { kind: "roles", roles: instructors },
  answer: { status: 101 },
  handle({ c, who }) {
    const classId = onlyClass(who);
    if (classId !== undefined) return upgrade(c, who, classId);
    return refuse("forbidden", "The credential names no single class; use /api/v1/live.");
  },
});

export const liveRoutes: readonly Route[] = [toClass, toOwnClass];
