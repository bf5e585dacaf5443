import { MonitorButton } from "../monitor-button.ts";
import type { ICellMonitor } from "../tokens.ts";
import { helpWords } from "./help-words.ts";

const raisedHand = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 12V6a1.5 1.5 0 0 1 3 0v5m0-6.5a1.5 1.5 0 0 1 3 0V11m0-5a1.5 1.5 0 0 1 3 0v6m0-3.5a1.5 1.5 0 0 1 3 0V15a7 7 0 0 1-7 7h-1a7 7 0 0 1-5.6-2.8L3.4 15.5a1.6 1.6 0 0 1 2.5-2L7 14.8"/></svg>`;

/** The toolbar's toggle that asks the instructor to come: the same hand in every notebook. */
export class HelpButton extends MonitorButton {
  readonly #label = document.createElement("span");

  constructor(monitor: ICellMonitor) {
    super(monitor, "jp-cell-monitor-Help");
    this.button.innerHTML = raisedHand;
    this.#label.setAttribute("aria-live", "polite");
    this.button.append(this.#label);
    this.button.addEventListener("click", () => monitor.help.toggle());
    this.showState();
  }

  protected override showState(): void {
    const { help, messages, state } = this.monitor;
    const { label, title } = helpWords(help, messages);
    this.setHidden(!state.hasHelpButton);
    // Told again to a screen reader only where it says something new.
    if (this.#label.textContent !== label) this.#label.textContent = label;
    this.button.title = help.isOpen ? title : messages.helpApart;
    this.button.disabled = !help.isOpen;
    this.button.setAttribute("aria-pressed", String(help.isRaised));
  }
}
