import { createdId } from "@cell-monitor/protocol";

/** Why a connection is closed, as far as is known. */
interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/** What is used of a browser's `WebSocket`. */
export interface LiveSocket {
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: SocketClose) => void): void;
  send(text: string): void;
  close(code: number): void;
}

/** What a connection needs of the machine it runs on; replaced in tests and simulations. */
export interface Platform {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Absent where there are no WebSockets. */
  readonly openSocket?: (url: string, protocols: string[]) => LiveSocket;
  /** Unix ms. */
  readonly now: () => number;
  /** Ms since some moment, whatever is done to the clock on the wall. */
  readonly elapsed: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Calls back once, no sooner than `delayMs` from now; what it returns calls that off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly newId: () => string;
}

export const systemPlatform: Platform = {
  fetch: (url, init) => fetch(url, init),
  openSocket: (url, protocols) => new WebSocket(url, protocols),
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  // crypto.randomUUID is missing on a plain-http JupyterHub; getRandomValues, which this uses, is not.
  newId: () => createdId(Date.now()),
};
