import * as v from "valibot";

/** What a command, or a frame of events, came to where it was not done. */
export const errorFrameSchema = v.object({
  type: v.literal("error"),
  id: v.optional(v.string()),
  code: v.string(),
  message: v.string(),
  retryAfterMs: v.optional(v.number()),
});
export type ErrorFrame = v.InferOutput<typeof errorFrameSchema>;

/** The subprotocol that is answered; a bearer rides along in a second one, which is not. */
export const liveSubprotocol = "cell-monitor.v1";
export const bearerSubprotocolPrefix = "bearer.";

export const pingText = "ping";
export const pongText = "pong";

/** Why the server closes a live connection. */
export const closeCodes = { expired: 4401, revoked: 4403, replaced: 4409, restart: 1012 } as const;
