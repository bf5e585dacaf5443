import { limits } from "@cell-monitor/protocol";

/** How many events go together: fewer when one among them is refused, so that it can be told from the others. */
export class BatchSize {
  #events: number = limits.batchEvents;
  #faults = 0;

  get events(): number {
    return this.#events;
  }

  get isFull(): boolean {
    return this.#events === limits.batchEvents;
  }

  /** A batch was taken: doubling brings one that had to be split back to its full size. */
  grow(): void {
    this.#faults = 0;
    this.#events = Math.min(limits.batchEvents, this.#events * 2);
  }

  /** Halves the batch, down to the event that is at fault. Whether that one is to be given up. */
  isolate(batchEvents: number, allowedFaults: number): boolean {
    if (batchEvents > 1) {
      this.#events = Math.max(1, Math.floor(batchEvents / 2));
      return false;
    }
    this.#faults += 1;
    if (this.#faults < allowedFaults) return false;
    this.#faults = 0;
    return true;
  }
}
