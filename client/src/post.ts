import { ackSchema, eventsAnswerSchema, type OutgoingEnvelope } from "@cell-monitor/protocol";
import { refusalOutcome, type SendOutcome } from "./outcome.ts";
import { parseWith, readJson, refusalOf, retryAfterMsOf } from "./parse.ts";
import type { Platform } from "./platform.ts";
import type { QueuedEvent } from "./queue-store.ts";

const gzipAboveBytes = 1024;
const deadlineMs = 15_000;

/** The envelope, around events that are JSON already. */
export function envelopeOf(events: readonly QueuedEvent[], nowMs: number): string {
  const envelope: OutgoingEnvelope<never> = { v: 1, sentAt: new Date(nowMs).toISOString(), events: [] };
  return JSON.stringify(envelope).replace("[]", () => `[${events.map((queued) => queued.json).join(",")}]`);
}

export function headersOf(token: string): Record<string, string> {
  return { "content-type": "application/json", authorization: `Bearer ${token}` };
}

function gzip(text: string): Promise<ArrayBuffer> {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(compressed).arrayBuffer();
}

async function outcomeOf(response: Response, nowMs: number): Promise<SendOutcome> {
  const body = await readJson(response);
  const { status } = response;
  if (response.ok) {
    const answer = parseWith(eventsAnswerSchema, body);
    if (answer) return { kind: "acknowledged", ack: answer, notifications: answer.notifications };
    // A network's own login page answers 200 to everything.
    return { kind: "retry", message: "The answer was not that of a class server." };
  }
  const refusal = refusalOf(body, status);
  if (status === 400) {
    const ack = parseWith(ackSchema, refusal.details);
    if (ack) return { kind: "acknowledged", ack, notifications: [] };
  }
  return refusalOutcome(status, refusal, retryAfterMsOf(response.headers, nowMs));
}

export interface PostRequest {
  readonly url: string;
  readonly token: string;
  readonly events: readonly QueuedEvent[];
  readonly mayCompress: boolean;
  readonly platform: Platform;
  /** Ends the request when its sender closes. */
  readonly closed: AbortSignal;
}

/** Sends one batch and says what became of it. Never throws. */
export async function postEvents(request: PostRequest): Promise<SendOutcome> {
  const { url, token, events, mayCompress, platform, closed } = request;
  const ending = new AbortController();
  const end = () => ending.abort();
  const cancelDeadline = platform.after(deadlineMs, end);
  closed.addEventListener("abort", end, { once: true });
  try {
    const text = envelopeOf(events, platform.now());
    const isCompressed = mayCompress && text.length > gzipAboveBytes && "CompressionStream" in globalThis;
    const response = await platform.fetch(url, {
      method: "POST",
      headers: { ...headersOf(token), ...(isCompressed && { "content-encoding": "gzip" }) },
      body: isCompressed ? await gzip(text) : text,
      credentials: "omit",
      signal: ending.signal,
    });
    return await outcomeOf(response, platform.now());
  } catch (error) {
    return { kind: "retry", message: error instanceof Error ? error.message : String(error) };
  } finally {
    cancelDeadline();
    closed.removeEventListener("abort", end);
  }
}
