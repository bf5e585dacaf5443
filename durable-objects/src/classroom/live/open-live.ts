import { accept, liveSubprotocol, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import { type ClassClaims, classClaimsSchema } from "../claims.ts";
import { type Attachment, instructorTag } from "./watchers.ts";

/** How the worker hands over whose upgrade it let through; a client's own header of this name never passes. */
export const liveClaimsHeader = "x-cell-monitor-claims";

export interface Opening {
  readonly tags: readonly string[];
  readonly attachment: Attachment;
  readonly resume: { epoch: string; to: number } | undefined;
  readonly headers: Record<string, string>;
}

/** Decides on an upgrade that the worker has authenticated. */
export function openLive(request: Request, check: (claims: ClassClaims) => Result<unknown>): Result<Opening> {
  const claims = v.parse(classClaimsSchema, JSON.parse(request.headers.get(liveClaimsHeader) ?? "null"));
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return refuse("upgrade_required", "This address speaks WebSocket.");
  }
  const checked = check(claims);
  if (!checked.ok) return checked;
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const { ticketId: _, ...holder } = claims;
  return accept({
    tags: [instructorTag],
    attachment: { role: "instructor", ...holder, students: [], behind: false },
    resume: resumeOf(new URL(request.url).searchParams),
    // The bearer that may stand beside it in the list is never sent back.
    headers: offered.includes(liveSubprotocol) ? { "sec-websocket-protocol": liveSubprotocol } : {},
  });
}

function resumeOf(query: URLSearchParams): Opening["resume"] {
  const epoch = query.get("epoch");
  const to = Number(query.get("to") ?? "");
  return epoch && Number.isSafeInteger(to) && to >= 0 ? { epoch, to } : undefined;
}
