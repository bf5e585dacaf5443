import { closeCodes, type ErrorFrame, type Refusal } from "@cell-monitor/protocol";

/** The part of a WebSocket that is needed here. */
export interface Socket {
  send(text: string): void;
  close(code: number, reason: string): void;
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** Sends to a socket that may be gone already: whoever is gone must not fail those who are still there. */
export function sendQuietly(socket: Pick<Socket, "send" | "close">, text: string): void {
  try {
    socket.send(text);
  } catch {
    closeQuietly(socket, 1011, "Not reachable.");
  }
}

/** Tells a socket what became of a frame of its that was not heeded. */
export function sendRefusal(
  socket: Pick<Socket, "send" | "close">,
  { code, message, retryAfterMs }: Refusal,
  id: string | undefined,
): void {
  const known = { ...(id !== undefined && { id }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const frame: ErrorFrame = { type: "error", ...known, code, message };
  sendQuietly(socket, JSON.stringify(frame));
}

/** Closes a socket whose credential no longer stands; the code says why. */
export function dismiss(socket: Pick<Socket, "close">, { code, message }: Refusal): void {
  closeQuietly(socket, code === "token_expired" ? closeCodes.expired : closeCodes.revoked, message);
}

/** Closes a socket that may be closed already, or with a code that must not be sent. */
export function closeQuietly(socket: Pick<Socket, "close">, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // There is nothing left to close.
  }
}
