import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { ClassEvent, Rejection } from "@cell-monitor/protocol";
import { vi } from "vitest";

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: { readonly v?: number; readonly sentAt?: string; readonly events: readonly ClassEvent[] };
}

interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** An answer, or a connection that breaks without one. */
export type Script = (request: ReceivedRequest) => ScriptedAnswer | "reset";

/** What a class that has everything up to the highest number of the batch answers. */
export function ackOf(
  events: readonly ClassEvent[],
  rejected: readonly Rejection[] = [],
): Record<string, unknown> {
  const through = Math.max(0, ...events.map((event) => event.sequence ?? 0));
  const sessionId = events[0]?.sessionId ?? "none";
  return {
    accepted: events.length - rejected.length,
    duplicates: 0,
    rejected,
    acks: through === 0 ? [] : [{ sessionId, through, missing: [] }],
    message: `${events.length} events received and queued for processing.`,
    notifications: [],
  };
}

const takeAll: Script = ({ body }) => ({ status: 200, body: ackOf(body.events) });

export function refuseWith(status: number, code: string, headers: Record<string, string> = {}): Script {
  return () => ({ status, headers, body: { error: { code, message: code } } });
}

/** A server that answers by script, then takes everything. */
export class FakeServer {
  readonly requests: ReceivedRequest[] = [];
  readonly #script: Script[] = [];
  readonly #server = createServer((incoming, outgoing) => void this.#answer(incoming, outgoing));

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const raw = Buffer.concat(chunks);
    const text = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    const request = {
      path: incoming.url ?? "",
      headers: incoming.headers,
      body: JSON.parse(text.toString("utf8")),
    };
    this.requests.push(request);
    const answer = (this.#script.shift() ?? takeAll)(request);
    if (answer === "reset") {
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    outgoing.end(JSON.stringify(answer.body ?? {}));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  answerWith(...script: readonly Script[]): void {
    this.#script.push(...script);
  }

  /** The request at this place, once it has come. */
  request(place: number): Promise<ReceivedRequest> {
    return vi.waitFor(
      () => {
        const request = this.requests[place];
        if (!request) throw new Error(`request ${place} has not come`);
        return request;
      },
      { interval: 5 },
    );
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export function sequencesOf(request: ReceivedRequest): readonly (number | undefined)[] {
  return request.body.events.map((event) => event.sequence);
}
