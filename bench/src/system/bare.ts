import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./port.ts";
import { Workerd } from "./workerd.ts";

/** Nothing of ours: what the runtime itself takes to answer, to read and parse the same bytes, and to send them back. */
const script = `import { DurableObject } from "cloudflare:workers";
export class Bare extends DurableObject {
  fetch(request) {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [new URL(request.url).pathname]);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, message) {
    const { id, events } = JSON.parse(message);
    if (this.answers === undefined) this.answers = new WeakMap();
    let echoes = this.answers.get(socket);
    if (echoes === undefined) this.answers.set(socket, (echoes = this.ctx.getTags(socket)[0] === "/echo"));
    socket.send(echoes ? message : '{"type":"ack","ids":["' + id + '"],"accepted":' + events.length + "}");
  }
}
export default {
  async fetch(request, env) {
    if (request.headers.get("upgrade") === "websocket") return env.BARE.getByName("one").fetch(request);
    if (new URL(request.url).pathname !== "/parse") return new Response("hello");
    return Response.json({ accepted: JSON.parse(await request.text()).events.length });
  },
};`;

export interface BareWorker extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Answers "hello", parses at `/parse`; sockets are sent what they sent at `/echo`, and an acknowledgement at `/ack`. */
export async function startBareWorker(): Promise<BareWorker> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "cell-monitor-bench-"));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const program = { modules: { "bare.js": script }, className: "Bare", namespace: "BARE", variables: {} };
  const { url, pid } = resources.use(await Workerd.start(folder, await freePort(), program));
  const kept = resources.move();
  return { url, pid, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
