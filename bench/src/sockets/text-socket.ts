import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Socket } from "node:net";

import { closeFrame, FrameReader, textFrame } from "./frames.ts";

const openWithinMs = 30_000;

/**
 * A WebSocket with next to no work of its own, since it shares the processors with what it loads: no compression, no
 * events' dispatch, frames that can be made beforehand.
 */
export class TextSocket {
  readonly #socket: Socket;
  #hasEnded = false;

  private constructor(socket: Socket, onText: (text: string) => void, onEnd: () => void) {
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on("data", (chunk: Buffer) => {
      for (const { isText, body } of reader.read(chunk)) if (isText) onText(body.toString());
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (!this.#hasEnded) onEnd();
      this.#hasEnded = true;
    });
  }

  /** @param onEnd the other side has closed it, or it broke */
  static open(
    url: string,
    protocols: readonly string[],
    onText: (text: string) => void,
    onEnd: () => void = () => undefined,
  ): Promise<TextSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<TextSocket>();
    const asked = request(url.replace(/^ws/, "http"), {
      agent: false,
      signal: AbortSignal.timeout(openWithinMs),
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
        ...(protocols.length > 0 && { "sec-websocket-protocol": protocols.join(", ") }),
      },
    });
    asked.on("upgrade", (_answer, socket: Socket, head) => {
      socket.setNoDelay(true);
      const opened = new TextSocket(socket, onText, onEnd);
      if (head.length > 0) socket.unshift(head);
      resolve(opened);
    });
    asked.on("response", (answer) => {
      answer.resume();
      reject(new Error(`${new URL(url).pathname} answered ${answer.statusCode} to an upgrade.`));
    });
    asked.on("error", reject);
    asked.end();
    return promise;
  }

  send(text: string): void {
    this.#socket.write(textFrame(text));
  }

  /** A frame that was made beforehand, or several in one piece. */
  sendFrame(frame: Buffer): void {
    this.#socket.write(frame);
  }

  close(): void {
    this.#hasEnded = true;
    this.#socket.end(closeFrame());
    this.#socket.destroySoon();
  }
}
