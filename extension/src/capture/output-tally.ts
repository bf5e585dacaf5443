import { cutText, limits } from "@cell-monitor/protocol";
import { type KernelMessage, readDisplay, readStream } from "./kernel-message.ts";
import { redact } from "./redact.ts";

/** What a run printed and returned: text as text, everything else by its type only. */
export class OutputTally {
  readonly #types = new Set<string>();
  #text = "";
  #isCut = false;

  add(message: KernelMessage): void {
    const { msg_type: type } = message.header;
    if (type === "stream") {
      const stream = readStream(message.content);
      if (stream?.name === "stdout") this.#append(stream.text);
      if (stream) this.#types.add(stream.name);
    } else if (type === "execute_result" || type === "display_data") {
      const data = readDisplay(message.content);
      for (const mimeType of Object.keys(data)) this.#types.add(mimeType);
      if (typeof data["text/plain"] === "string") this.#append(data["text/plain"]);
    }
  }

  fields(): { readonly result?: string; readonly outputTypes: string[]; readonly truncated?: boolean } {
    const text = redact(this.#text);
    const result = cutText(text, limits.textBytes);
    return {
      ...(result !== "" && { result }),
      outputTypes: [...this.#types].slice(0, limits.listLength),
      ...((this.#isCut || result !== text) && { truncated: true }),
    };
  }

  /** A loop that prints for ever must not fill the browser's memory. */
  #append(text: string): void {
    const room = limits.textBytes - this.#text.length;
    if (text.length > room) this.#isCut = true;
    if (room > 0) this.#text += text.slice(0, room);
  }
}
