import type { ClassObject } from "../../durable-objects/src/classroom/class-object.ts";
import type { Connection, ServerSocket } from "./connection.ts";
import type { World } from "./world.ts";

/** What a call gets that met an instance which is no more: it isn't known what became of it. */
export class Reset extends Error {}
/** Thrown into code of an instance that has just ended, which nobody hears any more. */
export class Crash extends Error {}
export class DiskError extends Error {}

/** Whether the schedule threw it, as opposed to the class. */
export function isInjected(error: unknown): boolean {
  return error instanceof DiskError || error instanceof Crash || error instanceof Reset;
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** One life of the class: its timers and calls end with it. */
export class Instance {
  isAlive = true;
  readonly timers = new Set<() => void>();
  readonly sockets = new Map<Connection, ServerSocket>();
  /** What keeps it in memory: calls, alarms, and work that goes on after them. */
  busy = 0;
  readonly fail = new Set<() => void>();
  /** Its disk has failed: the platform ends it. */
  isDoomed = false;
  object: ClassObject | undefined;

  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  after(delayMs: number, callback: () => void): () => void {
    const cancel = this.world.after(delayMs, () => {
      this.timers.delete(cancelled);
      this.inside("a timer", callback);
    });
    const cancelled = () => {
      this.timers.delete(cancelled);
      cancel();
    };
    if (this.isAlive) this.timers.add(cancelled);
    else cancel();
    return cancelled;
  }

  inside(name: string, work: () => void): void {
    if (!this.isAlive) return;
    try {
      work();
    } catch (error) {
      if (this.isAlive && !isInjected(error)) this.world.broken(`${name} threw: ${stackOf(error)}`);
    }
  }

  keepAlive(work: Promise<unknown>): void {
    this.busy += 1;
    work
      .catch((error: unknown) => {
        if (this.isAlive && !isInjected(error)) {
          this.world.broken(`work in the background threw: ${stackOf(error)}`);
        }
      })
      .finally(() => {
        this.busy -= 1;
      });
  }
}
