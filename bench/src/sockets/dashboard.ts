import {
  bearerSubprotocolPrefix,
  type Entity,
  instructorFrameSchema,
  liveSubprotocol,
} from "@cell-monitor/protocol";
import * as v from "valibot";

import type { ClassAccess } from "../system/system.ts";
import { TextSocket } from "./text-socket.ts";

/** What a frame is read for. */
const headSchema = v.object({ type: v.string(), epoch: v.string(), to: v.number() });

/** A dashboard that acknowledges each frame as it comes. */
export class Dashboard {
  /** That came so far. */
  frames = 0;
  bytes = 0;
  #socket: TextSocket | undefined;
  readonly #show: ((atMs: number, entity: Entity) => void) | undefined;
  readonly #opened = Promise.withResolvers<void>();

  private constructor(show: ((atMs: number, entity: Entity) => void) | undefined) {
    this.#show = show;
  }

  /**
   * Resolves with the first frame.
   * @param show told of each entity that a patch brings; without it, frames are looked at no more than needed
   */
  static async open(
    url: string,
    { id, instructorToken }: ClassAccess,
    show?: (atMs: number, entity: Entity) => void,
  ): Promise<Dashboard> {
    const dashboard = new Dashboard(show);
    const protocols = [liveSubprotocol, bearerSubprotocolPrefix + instructorToken];
    const early: string[] = [];
    dashboard.#socket = await TextSocket.open(`${url}/api/v1/live/${id}`, protocols, (text) => {
      if (dashboard.#socket) dashboard.#received(text);
      else early.push(text);
    });
    for (const text of early) dashboard.#received(text);
    await dashboard.#opened.promise;
    return dashboard;
  }

  close(): void {
    this.#socket?.close();
  }

  #received(text: string): void {
    const atMs = performance.now();
    this.frames += 1;
    this.bytes += text.length;
    if (this.#show) this.#showAll(text, this.#show, atMs);
    else this.#acknowledge(headOf(text));
    this.#opened.resolve();
  }

  #showAll(text: string, show: (atMs: number, entity: Entity) => void, atMs: number): void {
    const frame = v.parse(instructorFrameSchema, JSON.parse(text));
    if (frame.type === "error") throw new Error(`The class says ${frame.code}: ${frame.message}`);
    if (frame.type === "done") return;
    this.#acknowledge(frame);
    if (frame.type === "patch") for (const entity of frame.entities) show(atMs, entity);
  }

  #acknowledge({ epoch, to }: { readonly epoch: string; readonly to: number }): void {
    this.#socket?.send(JSON.stringify({ type: "seen", epoch, to }));
  }
}

/** Of a frame that may be large, without reading the rest: what loads the class must not be what is slow. */
function headOf(text: string): v.InferOutput<typeof headSchema> {
  const start = text.indexOf('"entities":');
  return v.parse(headSchema, JSON.parse(start < 0 ? text : `${text.slice(0, start)}"entities":[]}`));
}
