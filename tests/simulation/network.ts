import {
  type Ack,
  admit,
  errorStatus,
  type EventsAnswer,
  limits,
  openEnvelope,
  type Refusal,
  refuse,
  stamp,
} from "@cell-monitor/protocol";
import type { LiveSocket } from "@cell-monitor/client";
import type { LiveHolder } from "../../durable-objects/src/classroom/live/holder.ts";
import type { Connection, Ears } from "./connection.ts";
import type { Host } from "./host.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

// Compressing runs on threads of its own, which no seed orders: the client then sends plain text.
Reflect.deleteProperty(globalThis, "CompressionStream");

/** How often a way between a client and the class does what. */
export interface NetworkFaults {
  readonly slow: number;
  /** A request that never arrives. */
  readonly loss: number;
  readonly duplicate: number;
  /** An answer that never arrives. */
  readonly lostAnswer: number;
  readonly busy: number;
  readonly noSocket: number;
}

export const quiet: NetworkFaults = { slow: 0, loss: 0, duplicate: 0, lostAnswer: 0, busy: 0, noSocket: 0 };

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterS?: number;
}

/** Without a stream behind it, which would take turns of its own. */
class SimulatedResponse extends Response {
  readonly #text: string;

  constructor({ status, body, retryAfterS }: Answer) {
    super(null, {
      status,
      headers: retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) },
    });
    this.#text = JSON.stringify(body);
  }

  override json(): Promise<never> {
    return Promise.resolve(JSON.parse(this.#text) as never);
  }
}

function refusal({ code, message, details, retryAfterMs }: Refusal, status: number): Answer {
  return {
    status,
    body: { error: { code, message, details } },
    ...(retryAfterMs !== undefined && { retryAfterS: Math.ceil(retryAfterMs / 1_000) }),
  };
}

/** Takes a batch to the class as the worker's route does. */
async function postEvents(world: World, host: Host, holder: LiveHolder, text: string): Promise<Answer> {
  const envelope = openEnvelope(JSON.parse(text));
  if (!envelope.ok) return refusal(envelope.refusal, 422);
  const { events: sent, sentMs } = envelope.value;
  const receivedMs = world.now();
  const owner = { studentId: holder.subject, userName: holder.name, teamName: holder.team };
  const admission = admit(sent, sentMs === undefined ? { receivedMs } : { receivedMs, sentMs });
  const { events, refused, rejected } = stamp(admission, sent, () => owner);
  const batch = { receivedMs, events, refused };
  let recorded: Awaited<ReturnType<Parameters<Parameters<Host["call"]>[1]>[0]["ingest"]>>;
  try {
    recorded = await host.call("ingest", (object) => object.ingest(holder, batch));
  } catch {
    return refusal(refuse("unavailable", "It isn't known.", { retryAfterMs: 1_000 }).refusal, 503);
  }
  if (!recorded.ok) return refusal(recorded.refusal, errorStatus[recorded.refusal.code]);
  const { accepted, duplicates, acks, notifications } = recorded.value;
  const all = [...rejected, ...recorded.value.rejected].sort((a, b) => a.index - b.index);
  const ack: Ack = { accepted, duplicates, rejected: all, acks: [...acks] };
  if (accepted + duplicates === 0) {
    return refusal(refuse("no_good_event", "None could be taken.", { details: ack }).refusal, 400);
  }
  return {
    status: 200,
    body: { ...ack, message: "Taken.", notifications: [...notifications] } satisfies EventsAnswer,
  };
}

/** The way from one client to the class and back. */
export class Network {
  readonly #world: World;
  readonly #host: Host;
  readonly #random: Random;
  faults = quiet;

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
    this.#random = world.random("network");
  }

  delayMs(): number {
    return this.#random.chance(this.faults.slow)
      ? this.#random.between(100, 20_000)
      : this.#random.between(1, 60);
  }

  /** @param heard is told of each answer as it arrives */
  post(
    holder: LiveHolder,
    text: string,
    signal: AbortSignal | null | undefined,
    heard: (body: unknown) => void,
    isOnline: () => boolean,
  ): Promise<Response> {
    const { loss, duplicate, lostAnswer, busy } = this.faults;
    const random = this.#random;
    return new Promise((resolve, reject) => {
      const fail = () => reject(new TypeError("Failed to fetch"));
      signal?.addEventListener("abort", fail);
      if (!isOnline()) {
        this.#world.after(random.between(1, 50), fail);
        return;
      }
      const arrive = (isAnswered: boolean) => {
        if (random.chance(busy)) {
          const retryAfterS = random.whole(0, 5);
          const answer = {
            status: random.chance(0.5) ? 429 : 503,
            body: { error: { code: "busy", message: "" } },
          };
          if (isAnswered)
            this.#world.after(this.delayMs(), () =>
              resolve(new SimulatedResponse({ ...answer, retryAfterS })),
            );
          return;
        }
        void postEvents(this.#world, this.#host, holder, text).then((answer) => {
          if (!isAnswered || signal?.aborted) return;
          const isLost = random.chance(lostAnswer);
          this.#world.after(this.delayMs(), () => {
            if (isLost || !isOnline() || signal?.aborted) return fail();
            heard(answer.body);
            resolve(new SimulatedResponse(answer));
          });
        });
      };
      if (random.chance(loss)) this.#world.after(this.delayMs(), fail);
      else this.#world.after(this.delayMs(), () => arrive(true));
      // A proxy that tries again, for instance long after.
      if (random.chance(duplicate))
        this.#world.after(this.delayMs() + random.between(0, 30_000), () => arrive(false));
    });
  }

  /** Opens a connection; no answer where it is refused, or lost on the way. */
  connect(holder: LiveHolder, query: string, ears: Ears, opened: (connection: Connection) => void): void {
    const wire = { delayMs: () => this.delayMs() };
    this.#world.after(this.delayMs(), () => {
      if (this.#random.chance(this.faults.noSocket)) {
        this.#world.after(this.delayMs(), () => ears.close(1006, ""));
        return;
      }
      // Heard in its order, whatever is said before the opening has arrived.
      let isOpen = false;
      const early: (() => void)[] = [];
      const orderly: Ears = {
        message: (text) => (isOpen ? ears.message(text) : early.push(() => ears.message(text))),
        close: (code, reason) =>
          isOpen ? ears.close(code, reason) : early.push(() => ears.close(code, reason)),
      };
      this.#host.open(holder, query, wire, orderly).then(
        (answer) => {
          this.#world.after(this.delayMs(), () => {
            if (!answer.ok) return ears.close(1006, "");
            opened(answer.value);
            isOpen = true;
            for (const hear of early) hear();
          });
        },
        () => this.#world.after(this.delayMs(), () => ears.close(1006, "")),
      );
    });
  }

  /** A connection as a browser has it. */
  openSocket(holder: LiveHolder, url: string, heard: (text: string) => void): LiveSocket & { cut(): void } {
    const listeners = new Map<string, (event: never) => void>();
    const tell = (type: string, event: object) => listeners.get(type)?.(event as never);
    let connection: Connection | undefined;
    let isClosed = false;
    const ears: Ears = {
      message: (text) => {
        if (isClosed) return;
        heard(text);
        tell("message", { data: text });
      },
      close: (code, reason) => {
        if (!isClosed) tell("close", { code, reason });
      },
    };
    this.connect(holder, new URL(url).search, ears, (made) => {
      if (isClosed) return made.closeFromClient();
      connection = made;
      tell("open", {});
    });
    return {
      addEventListener: (type: string, listener: (event: never) => void) =>
        void listeners.set(type, listener),
      send: (text) => connection?.send(text),
      close: () => {
        isClosed = true;
        connection?.closeFromClient();
      },
      cut: () => connection?.cut(this.#random.between(0, 3_000), this.#random.between(0, 90_000)),
    };
  }
}

export const tokenMs = limits.studentTokenMs;
