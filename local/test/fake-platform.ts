import type { Platform } from "@cell-monitor/client";
import type { ClassEvent } from "@cell-monitor/protocol";
import * as v from "valibot";

const batchSchema = v.object({
  events: v.array(
    v.looseObject({
      eventId: v.string(),
      eventType: v.string(),
      eventTime: v.string(),
      sessionId: v.string(),
      sequence: v.optional(v.number()),
    }),
  ),
});
type Received = v.InferOutput<typeof batchSchema>["events"][number] & Partial<ClassEvent>;

/** A machine whose time moves when it is told to, connected to a server that takes and remembers everything. */
export class FakePlatform implements Platform {
  readonly received: Received[] = [];
  #nowMs = Date.UTC(2026, 0, 5, 9);
  #ids = 0;
  readonly #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  readonly #highest = new Map<string, number>();

  readonly now = (): number => this.#nowMs;
  readonly elapsed = (): number => this.#nowMs;
  readonly random = (): number => 0.5;
  readonly newId = (): string => `id-${(this.#ids += 1)}`;

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  readonly fetch = async (_url: string, init: RequestInit): Promise<Response> => {
    const { events } = v.parse(batchSchema, JSON.parse(await textOf(init)));
    for (const event of events) {
      this.received.push(event);
      const { sessionId, sequence = 0 } = event;
      this.#highest.set(sessionId, Math.max(sequence, this.#highest.get(sessionId) ?? 0));
    }
    const acks = [...this.#highest].map(([sessionId, through]) => ({ sessionId, through, missing: [] }));
    return Response.json({
      accepted: events.length,
      duplicates: 0,
      rejected: [],
      acks,
      message: "",
      notifications: [],
    });
  };

  /** Lets this much time pass, one timer after the other, and what they set off settle. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    for (;;) {
      await settle();
      const next = [...this.#timers]
        .filter(({ dueMs }) => dueMs <= untilMs)
        .toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

async function textOf(init: RequestInit): Promise<string> {
  const body = new Response(init.body ?? null);
  if (!new Headers(init.headers).has("content-encoding")) return body.text();
  const stream = body.body?.pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream ?? null).text();
}

/** Gives (de)compression and promises, which no timer of ours drives, the turns they need. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
