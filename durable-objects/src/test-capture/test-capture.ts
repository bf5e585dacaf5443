import { DurableObject } from "cloudflare:workers";
import type { Page, Result, StampedEvent, TestCaptured } from "@cell-monitor/protocol";
import type { ClassroomEnv } from "../env.ts";
import { type Captured, Captures, type TestPage } from "./captures.ts";

/** What the tests of a class sent, as a Durable Object: one a class, which holds nothing while nobody tests. */
export class TestCapture extends DurableObject<ClassroomEnv> {
  readonly #captures: Captures;

  constructor(ctx: DurableObjectState, env: ClassroomEnv) {
    super(ctx, env);
    this.#captures = new Captures({ storage: ctx.storage, now: () => Date.now() });
  }

  async add(events: readonly StampedEvent[]): Promise<Result<Captured>> {
    const captured = this.#captures.add(events);
    if ((await this.ctx.storage.getAlarm()) === null) await this.#arm();
    return captured;
  }

  list(page: Page, studentId?: string): TestPage {
    return this.#captures.list(page, studentId);
  }

  read(testId: string, studentId?: string): TestCaptured | undefined {
    return this.#captures.read(testId, studentId);
  }

  remove(testId: string, studentId?: string): TestCaptured | undefined {
    return this.#captures.remove(testId, studentId);
  }

  forget(studentId: string): number {
    return this.#captures.forget(studentId);
  }

  override async alarm(): Promise<void> {
    this.#captures.expire();
    await this.#arm();
  }

  async #arm(): Promise<void> {
    const dueMs = this.#captures.nextExpiryMs();
    if (dueMs !== undefined) await this.ctx.storage.setAlarm(dueMs);
  }
}
