import { Widget } from "@lumino/widgets";
import { fill } from "./messages.ts";
import type { ICellMonitor } from "./tokens.ts";

/** The status bar's indicator: whether anything is collected, and whether it arrives. */
export class StatusItem extends Widget {
  readonly #monitor: ICellMonitor;
  readonly #button: HTMLButtonElement;
  #shown = "";

  /** @param onClick when no class is joined */
  constructor(monitor: ICellMonitor, onClick: () => void) {
    const button = document.createElement("button");
    const node = document.createElement("div");
    node.append(button);
    super({ node });
    this.#monitor = monitor;
    this.#button = button;
    this.#button.type = "button";
    this.#button.className = "jp-cell-monitor-Status";
    this.#button.addEventListener("click", () => {
      if (this.#kind() === "apart") onClick();
    });
    monitor.stateChanged.connect(this.#show, this);
    this.#show();
  }

  override dispose(): void {
    this.#monitor.stateChanged.disconnect(this.#show, this);
    super.dispose();
  }

  #kind(): "apart" | "joining" | "connected" | "waiting" | "refused" | "paused" {
    const { link, isPaused } = this.#monitor.state;
    return isPaused && link !== "apart" ? "paused" : link;
  }

  #show(): void {
    const { messages, state } = this.#monitor;
    const kind = this.#kind();
    const text = fill(messages[kind], { n: state.unsent });
    // Every event changes the state; most leave what is shown alone.
    if (text === this.#shown) return;
    this.#shown = text;
    this.#button.textContent = text;
    this.#button.title = messages[`${kind}Title`];
    this.#button.dataset["state"] = kind;
  }
}
