import { Widget } from "@lumino/widgets";
import type { ICellMonitor } from "./tokens.ts";

/** A button that always shows how the monitor is. Whoever extends it shows it for the first time. */
export abstract class MonitorButton extends Widget {
  protected readonly monitor: ICellMonitor;
  protected readonly button: HTMLButtonElement;

  constructor(monitor: ICellMonitor, className: string) {
    const button = document.createElement("button");
    const node = document.createElement("div");
    node.append(button);
    super({ node });
    this.monitor = monitor;
    this.button = button;
    button.type = "button";
    button.className = className;
    monitor.stateChanged.connect(this.showState, this);
  }

  override dispose(): void {
    this.monitor.stateChanged.disconnect(this.showState, this);
    super.dispose();
  }

  protected abstract showState(): void;
}
