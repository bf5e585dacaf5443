import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

/** What a store, or the way to it, does to a request. */
export type Fault =
  /** Takes its time. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** Ends the connection without having done anything. */
  | { readonly kind: "reset" }
  /** Does what it is asked and ends the connection without a word. */
  | { readonly kind: "drop" }
  /** Does what it is asked and ends the connection in the middle of its answer. */
  | { readonly kind: "truncate" }
  /** Neither does nor answers anything, for as long as it is waited for. */
  | { readonly kind: "hang" }
  /** Does what it is asked and says nothing, for as long as it is waited for. */
  | { readonly kind: "mute" }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterS?: number };

export interface SeenRequest {
  readonly atMs: number;
  /** What was done to it. */
  readonly fault: Fault["kind"] | "none" | "down";
}

/** Stands in front of a store and does to requests what networks and stores do. */
export class StoreProxy implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #target: string;
  readonly #faults = new Map<string, Fault[]>();
  readonly #seen = new Map<string, SeenRequest[]>();
  readonly #down = new Set<string>();
  /** What the store will have nothing to do with: a request that holds it is refused for good. */
  forbidden: string | undefined;

  private constructor(server: Server, port: number, target: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#server = server;
    this.#target = target;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(target: string): Promise<StoreProxy> {
    const server = createServer({ keepAliveTimeout: 60_000 }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("No port was given.");
    return new StoreProxy(server, address.port, target);
  }

  /** What is done to the next requests that name a class, one after the other; those that follow are let through. */
  plan(classId: string, faults: readonly Fault[]): void {
    this.#faults.set(classId, [...faults]);
    this.#seen.set(classId, []);
  }

  /** Requests for a class that were seen since its plan was made. */
  seen(classId: string): readonly SeenRequest[] {
    return this.#seen.get(classId) ?? [];
  }

  /** Nobody is there for the class. */
  setDown(classId: string, isDown: boolean): void {
    if (isDown) this.#down.add(classId);
    else this.#down.delete(classId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close").catch(() => undefined);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const text = textOf(request, body);
    const classId = [...this.#faults.keys()].find((id) => text.includes(id));
    if (classId !== undefined && this.#down.has(classId)) {
      this.#note(classId, "down");
      response.destroy();
      return;
    }
    const fault = classId === undefined ? undefined : this.#faults.get(classId)?.shift();
    if (classId !== undefined) this.#note(classId, fault?.kind ?? "none");
    if (this.forbidden !== undefined && text.includes(this.forbidden)) {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ code: "22P02", message: "not in this store" }));
      return;
    }
    if (fault?.kind === "reset") return void response.destroy();
    if (fault?.kind === "hang") return;
    if (fault?.kind === "status") return refuse(response, fault);
    if (fault?.kind === "delay") await delay(fault.delayMs);
    const answer = await this.#forward(request, body);
    if (fault?.kind === "drop") return void response.destroy();
    if (fault?.kind === "mute") return;
    if (fault?.kind === "truncate") return void response.socket?.end(halfOf(answer));
    const type = answer.type === null ? {} : { "content-type": answer.type };
    response.writeHead(answer.status, type).end(answer.body);
  }

  #note(classId: string, fault: SeenRequest["fault"]): void {
    this.#seen.get(classId)?.push({ atMs: Date.now(), fault });
  }

  async #forward(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name, value]) =>
          typeof value === "string" && !/^(host|connection|content-length|transfer-)/.test(name),
      ),
    ) as Record<string, string>;
    const { method = "GET", url = "/" } = request;
    const answer = await fetch(this.#target + url, {
      method,
      headers,
      ...(method !== "GET" && { body: new Uint8Array(body) }),
    });
    return {
      status: answer.status,
      type: answer.headers.get("content-type"),
      body: Buffer.from(await answer.arrayBuffer()),
    };
  }
}

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: Buffer;
}

function refuse(response: ServerResponse, { status, retryAfterS }: Extract<Fault, { kind: "status" }>): void {
  response.writeHead(status, {
    "content-type": "application/json",
    ...(retryAfterS !== undefined && { "retry-after": String(retryAfterS) }),
  });
  response.end(JSON.stringify({ code: "unavailable", message: "not now" }));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function textOf({ headers }: IncomingMessage, body: Buffer): string {
  return (headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8");
}

/** An answer that says how long it is and isn't; one without a body ends within its head. */
function halfOf({ status, type, body }: Answer): string {
  if (body.length === 0) return `HTTP/1.1 ${status} No Con`;
  const head = `HTTP/1.1 ${status} OK\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return head + body.toString("utf8").slice(0, Math.floor(body.length / 2));
}
