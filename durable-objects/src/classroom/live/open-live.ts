import { accept, byteLength, limits, liveSubprotocol, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import { type LiveHolder, liveHolderSchema } from "./holder.ts";
import { type StudentAttachment, studentTags } from "./student-sockets.ts";
import { type Attachment, instructorTag } from "./watchers.ts";

/** How the worker hands over whose upgrade it let through; a client's own header of this name never passes. */
export const liveHolderHeader = "x-cell-monitor-holder";

export interface Opening {
  readonly tags: readonly string[];
  readonly attachment: Attachment | StudentAttachment;
  readonly resume: { epoch: string; to: number } | undefined;
  readonly headers: Record<string, string>;
}

/** Decides on an upgrade that the worker has authenticated. */
export function openLive(request: Request, check: (holder: LiveHolder) => Result<unknown>): Result<Opening> {
  const holder = v.parse(liveHolderSchema, JSON.parse(request.headers.get(liveHolderHeader) ?? "null"));
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return refuse("upgrade_required", "This address speaks WebSocket.");
  }
  const checked = check(holder);
  if (!checked.ok) return checked;
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const query = new URL(request.url).searchParams;
  return accept({
    ...(holder.role === "student" ? studentOpening(holder, query) : instructorOpening(holder)),
    resume: resumeOf(query),
    // The bearer that may stand beside it in the list is never sent back.
    headers: offered.includes(liveSubprotocol) ? { "sec-websocket-protocol": liveSubprotocol } : {},
  });
}

function instructorOpening({ ticketId: _ticketId, team: _team, ...holder }: LiveHolder) {
  const attachment = { ...holder, role: "instructor" as const, students: [], behind: false };
  return { tags: [instructorTag], attachment };
}

function studentOpening({ ticketId: _ticketId, role: _role, ...holder }: LiveHolder, query: URLSearchParams) {
  const sessionId = query.get("session");
  const hasSession = sessionId !== null && sessionId !== "" && byteLength(sessionId) <= limits.idLength;
  const attachment = { role: "student" as const, ...holder, ...(hasSession && { sessionId }) };
  return { tags: studentTags(attachment), attachment };
}

function resumeOf(query: URLSearchParams): Opening["resume"] {
  const epoch = query.get("epoch");
  const to = Number(query.get("to") ?? "");
  return epoch && Number.isSafeInteger(to) && to >= 0 ? { epoch, to } : undefined;
}
