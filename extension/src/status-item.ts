import { helpWords } from "./help/help-words.ts";
import { fill } from "./messages.ts";
import { MonitorButton } from "./monitor-button.ts";
import type { ICellMonitor } from "./tokens.ts";

/** The status bar's indicator: whether anything is collected, and whether it arrives. */
export class StatusItem extends MonitorButton {
  #shown = "";

  /** @param onClick when there is something to choose */
  constructor(monitor: ICellMonitor, onClick: (kind: "apart" | "private") => void) {
    super(monitor, "jp-cell-monitor-Status");
    this.button.addEventListener("click", () => {
      const kind = this.#kind();
      if (kind === "apart" || kind === "private") onClick(kind);
    });
    this.showState();
  }

  #kind(): "apart" | "joining" | "connected" | "waiting" | "refused" | "paused" | "private" {
    const { link, isPaused, sharing } = this.monitor.state;
    if (link === "connected" && (sharing === "refused" || sharing === "asked")) return "private";
    return isPaused && link !== "apart" ? "paused" : link;
  }

  protected override showState(): void {
    const { help, messages, state } = this.monitor;
    const kind = this.#kind();
    // A hand is raised whether or not anything is collected, and seen where no notebook's toolbar is.
    const isWaited = help.isRaised && (kind === "connected" || kind === "paused" || kind === "private");
    const ofHelp = isWaited ? helpWords(help, messages) : undefined;
    const text = fill(messages[kind], { n: state.unsent }) + (ofHelp ? ` · ${ofHelp.label}` : "");
    // Every event changes the state; most leave what is shown alone.
    if (text === this.#shown) return;
    this.#shown = text;
    this.button.textContent = text;
    this.button.title = [messages[`${kind}Title`], ofHelp?.title].filter(Boolean).join("\n");
    this.button.dataset["state"] = kind;
  }
}
