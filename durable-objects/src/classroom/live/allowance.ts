import { refuse, type Result, accept } from "@cell-monitor/protocol";

export interface Allowance {
  /** At once. */
  readonly burst: number;
  /** For long. */
  readonly perSecond: number;
}

interface Left {
  tokens: number;
  atMs: number;
}

/** Bounds what each connection may send, so that one of them can't take the class's time from the others. */
export class Allowances<Connection extends object> {
  readonly #allowance: Allowance;
  readonly #left = new WeakMap<Connection, Left>();

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
  }

  /** Takes one frame of a connection's allowance. */
  take(connection: Connection, nowMs: number): Result<true> {
    const { burst, perSecond } = this.#allowance;
    const left = this.#left.get(connection) ?? { tokens: burst, atMs: nowMs };
    // A clock that was set back gives nothing.
    const passedMs = Math.max(0, nowMs - left.atMs);
    const tokens = Math.min(burst, left.tokens + (passedMs * perSecond) / 1000);
    const isAllowed = tokens >= 1;
    this.#left.set(connection, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    if (isAllowed) return accept(true);
    return refuse("rate_limited", "That is too much for one connection; send it again later.", {
      retryAfterMs: Math.ceil(((1 - tokens) / perSecond) * 1000),
    });
  }
}

const idPattern = /^\s*\{[^{}[\]]{0,128}?"id"\s*:\s*"([^"\\]{1,64})"/;

/** What a frame calls itself, as far as that can be said without reading it: reading is what it is not allowed. */
export function nameOfFrame(message: string | ArrayBuffer): string | undefined {
  return typeof message === "string" ? idPattern.exec(message.slice(0, 256))?.[1] : undefined;
}
