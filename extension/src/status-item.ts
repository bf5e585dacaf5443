import { fill } from "./messages.ts";
import { MonitorButton } from "./monitor-button.ts";
import type { ICellMonitor } from "./tokens.ts";

/** The status bar's indicator: whether anything is collected, and whether it arrives. */
export class StatusItem extends MonitorButton {
  #shown = "";

  /** @param onClick when no class is joined */
  constructor(monitor: ICellMonitor, onClick: () => void) {
    super(monitor, "jp-cell-monitor-Status");
    this.button.addEventListener("click", () => {
      if (this.#kind() === "apart") onClick();
    });
    this.showState();
  }

  #kind(): "apart" | "joining" | "connected" | "waiting" | "refused" | "paused" {
    const { link, isPaused } = this.monitor.state;
    return isPaused && link !== "apart" ? "paused" : link;
  }

  protected override showState(): void {
    const { messages, state } = this.monitor;
    const kind = this.#kind();
    const text = fill(messages[kind], { n: state.unsent });
    // Every event changes the state; most leave what is shown alone.
    if (text === this.#shown) return;
    this.#shown = text;
    this.button.textContent = text;
    this.button.title = messages[`${kind}Title`];
    this.button.dataset["state"] = kind;
  }
}
