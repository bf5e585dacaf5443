import { createdId } from "@cell-monitor/protocol";

/** What a connection needs of the machine it runs on; replaced in tests and simulations. */
export interface Platform {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Unix ms. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Calls back once, no sooner than `delayMs` from now; what it returns calls that off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly newId: () => string;
}

export const systemPlatform: Platform = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  random: () => Math.random(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  // crypto.randomUUID is missing on a plain-http JupyterHub; getRandomValues, which this uses, is not.
  newId: () => createdId(Date.now()),
};
