import { type EventDraft, EventQueue, MemoryStore, type QueuedEvent, Sender } from "@cell-monitor/client";
import { type ClassEvent, type SessionAck, sinkNames } from "@cell-monitor/protocol";
import type { LiveHolder } from "../../durable-objects/src/classroom/live/holder.ts";
import type { LogWatch } from "./log-watch.ts";
import type { Network } from "./network.ts";
import { tokenMs } from "./network.ts";
import type { Random } from "./random.ts";
import { poisonOf } from "./store.ts";
import type { World } from "./world.ts";

/** Remembers all that was ever numbered. */
class WatchedStore extends MemoryStore {
  readonly produced = new Map<number, ClassEvent>();

  override add(queued: QueuedEvent): void {
    this.#note(queued);
    super.add(queued);
  }

  override replace(held: QueuedEvent, by: QueuedEvent): void {
    this.#note(by);
    super.replace(held, by);
  }

  #note({ event }: QueuedEvent): void {
    if (event.sequence !== undefined) this.produced.set(event.sequence, event);
  }
}

export interface TabOptions {
  readonly world: World;
  readonly network: Network;
  readonly log: LogWatch;
  readonly holder: LiveHolder;
  readonly classId: string;
  readonly random: Random;
  /** A queue so small that events have to be given up. */
  readonly maxEvents: number;
  readonly hasSocket: boolean;
}

const cells = 4;

/** One page of a student: the real client on a simulated machine, and what its user does. */
export class Tab {
  readonly sessionId: string;
  readonly studentId: string;
  readonly #options: TabOptions;
  readonly #store = new WatchedStore();
  readonly sender: Sender;
  readonly #timers = new Set<() => void>();
  readonly #acked = new Set<number>();
  /** Numbers the class has said it will never take. */
  readonly refused = new Set<number>();
  #runs = 0;
  #helpId: string | undefined;
  #cancelRepeat: (() => void) | undefined;
  /** Of the machine it runs on, against true time. */
  clockOffsetMs = 0;
  isOnline = true;
  /** Closed by its user, or gone with its machine. */
  end: "open" | "closed" | "lost" = "open";

  constructor(options: TabOptions) {
    const { world, network, holder, classId, random, maxEvents, hasSocket } = options;
    this.#options = options;
    this.studentId = holder.subject;
    this.sessionId = world.newId();
    let madeMs = world.now();
    const current = (): LiveHolder => ({ ...holder, issuedMs: madeMs, expiresMs: madeMs + tokenMs });
    const now = () => world.now() + this.clockOffsetMs;
    const { newId } = world;
    const queue = new EventQueue({
      sessionId: this.sessionId,
      store: this.#store,
      now,
      newId,
      bounds: { maxEvents, maxBytes: 8 * 1024 * 1024 },
    });
    this.sender = new Sender({
      server: "https://class",
      ...(hasSocket && { classId }),
      queue,
      credentials: {
        token: () => JSON.stringify(current()),
        refresh: () => {
          madeMs = world.now();
          return Promise.resolve("renewed");
        },
        isEnding: () => world.now() > madeMs + tokenMs * 0.75,
      },
      platform: {
        now,
        elapsed: world.now,
        random: random.next,
        newId,
        after: (delayMs, run) => this.#after(delayMs, run),
        fetch: (_url, init) =>
          network.post(
            current(),
            typeof init.body === "string" ? init.body : "",
            init.signal,
            (body) => this.#heard(body),
            () => this.isOnline && this.end !== "lost",
          ),
        openSocket: (url) =>
          network.openSocket(current(), url, (text) => {
            const frame = JSON.parse(text === "pong" ? "{}" : text);
            if (frame.type === "ack") this.#heard(frame);
          }),
      },
    });
    this.#record({ eventType: "session_start" });
  }

  get timers(): number {
    return this.#timers.size;
  }

  get isSettled(): boolean {
    return this.sender.queue.size === 0;
  }

  /** All that was ever numbered here. */
  get produced(): ReadonlyMap<number, ClassEvent> {
    return this.#store.produced;
  }

  get acked(): ReadonlySet<number> {
    return this.#acked;
  }

  /** Something that a student may do. */
  act(random: Random): void {
    if (this.end !== "open") return;
    const chosen = random.whole(0, 15);
    const place = {
      notebookPath: "week1.ipynb",
      cellId: `cell-${random.whole(1, cells)}`,
      cellIndex: random.whole(0, cells),
    };
    if (chosen <= 6) this.#run(random, place, chosen > 3);
    else if (chosen === 7) this.#toggleHelp(place);
    else if (chosen === 8) this.#record({ eventType: "notebook_open", ...place });
    else if (chosen === 9) this.#record({ eventType: "notebook_save", notebookPath: "week1.ipynb" });
    else if (chosen === 10)
      this.#record({ eventType: "progress_update", passed: random.whole(0, 4), total: 4 });
    else if (chosen === 11)
      this.#record({ eventType: "checkin", choice: random.pick(["done", "stuck"]) ?? "done" });
    else if (chosen === 12) this.#record({ eventType: "kernel_restart", ...place });
    else if (chosen === 13) this.#record({ eventType: poisonOf(random.pick(sinkNames) ?? "postgres") });
    else if (chosen === 14) this.#record({ eventType: "Not A Type!" });
    else
      for (let count = random.chance(0.15) ? 120 : random.whole(3, 12); count > 0; count -= 1)
        this.#run(random, place, count % 7 === 0);
  }

  goOffline(forMs: number): void {
    this.isOnline = false;
    this.#options.world.after(forMs, () => this.comeBack());
  }

  comeBack(): void {
    this.isOnline = true;
    if (this.end === "open") this.sender.wake();
  }

  /** Closed by its user: what can still be said is said. */
  close(): void {
    if (this.end !== "open") return;
    this.#lower();
    this.#record({ eventType: "session_end", lastSequence: this.sender.queue.lastSequence });
    this.sender.drain();
    this.sender.close();
    this.#stop("closed");
  }

  /** Its machine is switched off. */
  lose(): void {
    if (this.end !== "open") return;
    this.sender.close();
    this.#stop("lost");
  }

  /** Nothing more is done here. */
  rest(): void {
    this.#lower();
  }

  #stop(end: "closed" | "lost"): void {
    this.end = end;
    this.#cancelRepeat?.();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #run(random: Random, place: Partial<EventDraft>, isError: boolean): void {
    this.#runs += 1;
    const run = { executionId: `${this.sessionId}-${this.#runs}`, ...place, executionCount: this.#runs };
    this.#record({ eventType: "cell_execution_start", ...run });
    this.#options.world.after(random.between(0, 3_000), () => {
      if (isError) {
        const error = { errorName: "ValueError", errorMessage: `bad ${this.#runs % 3}` };
        this.#record({ eventType: "cell_execution_error", ...run, status: "error", ...error });
      } else
        this.#record({ eventType: "cell_execution_complete", ...run, status: "ok", executionDurationMs: 5 });
    });
  }

  #toggleHelp(place: Partial<EventDraft>): void {
    if (this.#helpId !== undefined) return this.#lower();
    const helpId = this.#options.world.newId();
    this.#helpId = helpId;
    this.#record({ eventType: "help", helpId, ...place });
    const remind = () => {
      if (this.#helpId !== helpId || this.end !== "open") return;
      this.sender.repeat({ eventType: "help", helpId });
      this.#cancelRepeat = this.#options.world.after(5_000, remind);
    };
    this.#cancelRepeat = this.#options.world.after(5_000, remind);
  }

  #lower(): void {
    if (this.#helpId === undefined || this.end !== "open") return;
    this.#record({ eventType: "help_stop", helpId: this.#helpId });
    this.#helpId = undefined;
    this.#cancelRepeat?.();
  }

  #record(draft: EventDraft): void {
    if (this.end === "open") this.sender.record(draft);
  }

  #after(delayMs: number, run: () => void): () => void {
    const cancel = this.#options.world.after(delayMs, () => {
      this.#timers.delete(stop);
      run();
    });
    const stop = () => {
      this.#timers.delete(stop);
      cancel();
    };
    this.#timers.add(stop);
    return stop;
  }

  /** Whatever the class claims to have must be durable by then. */
  #heard(body: unknown): void {
    const answer = body as {
      readonly acks?: SessionAck[];
      readonly rejected?: { sequence?: number; code: string }[];
      readonly error?: { details?: unknown };
    };
    for (const { sequence, code } of answer.rejected ?? []) {
      if (sequence !== undefined && code !== "sequence_jump") this.refused.add(sequence);
    }
    for (const { sessionId, through, missing } of answer.acks ?? []) {
      if (sessionId !== this.sessionId) continue;
      for (let number = 1; number <= through; number += 1) {
        if (this.#acked.has(number) || missing.some(([from, to]) => from <= number && number <= to)) continue;
        this.#acked.add(number);
        this.#checkStored(number);
      }
    }
    if (answer.error?.details) this.#heard(answer.error.details);
  }

  #checkStored(number: number): void {
    const { world, log } = this.#options;
    const event = this.produced.get(number);
    if (!event) return world.broken(`${this.sessionId}: ${number} is acknowledged, and was never sent`);
    const stored = log.events.get(`${this.studentId}/${this.sessionId}/${number}`);
    if (stored) {
      if (stored.event.eventId !== event.eventId)
        world.broken(`${this.sessionId}/${number} is another event`);
    } else if (!isRefusable(event) && !this.isDeclaredLost(number)) {
      world.broken(`${this.sessionId}/${number} (${event.eventType}) is acknowledged, and not on disk`);
    }
  }

  isDeclaredLost(number: number): boolean {
    for (const { eventType, from = 0, to = 0 } of this.produced.values()) {
      if (eventType === "events_lost" && from <= number && number <= to) return true;
    }
    return false;
  }
}

/** Whether admission refuses it: its number counts as received all the same. */
export function isRefusable({ eventType }: ClassEvent): boolean {
  return eventType === "Not A Type!";
}
