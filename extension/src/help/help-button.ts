import { Widget } from "@lumino/widgets";
import type { ICellMonitor } from "../tokens.ts";

const raisedHand = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 12V6a1.5 1.5 0 0 1 3 0v5m0-6.5a1.5 1.5 0 0 1 3 0V11m0-5a1.5 1.5 0 0 1 3 0v6m0-3.500a1.500 1.500 0 0 1 3 0V15a7 7 0 0 1-7 7h-1a7 7 0 0 1-5.600-2.800L3.400 15.500a1.600 1.600 0 0 1 2.500-2L7 14.800"/></svg>`;

/** The toolbar's toggle that asks the instructor to come: the same hand in every notebook. */
export class HelpButton extends Widget {
  readonly #monitor: ICellMonitor;
  readonly #button: HTMLButtonElement;
  readonly #label: HTMLSpanElement;

  constructor(monitor: ICellMonitor) {
    const button = document.createElement("button");
    const node = document.createElement("div");
    node.append(button);
    super({ node });
    this.#monitor = monitor;
    this.#button = button;
    this.#button.type = "button";
    this.#button.className = "jp-cell-monitor-Help";
    this.#button.innerHTML = raisedHand;
    this.#label = document.createElement("span");
    this.#button.append(this.#label);
    this.#button.addEventListener("click", () => monitor.help.toggle());
    monitor.stateChanged.connect(this.#show, this);
    this.#show();
  }

  override dispose(): void {
    this.#monitor.stateChanged.disconnect(this.#show, this);
    super.dispose();
  }

  #show(): void {
    const { help, messages, state } = this.#monitor;
    const title = help.isRaised ? messages.helpRaisedTitle : messages.helpTitle;
    this.setHidden(!state.hasHelpButton);
    this.#label.textContent = help.isRaised ? messages.helpRaised : messages.help;
    this.#button.title = help.isOpen ? title : messages.helpApart;
    this.#button.disabled = !help.isOpen;
    this.#button.setAttribute("aria-pressed", String(help.isRaised));
  }
}
