/** Resolves when this process is asked to end. */
export type Stopped = Promise<void>;

/** The first SIGINT, SIGTERM or SIGHUP asks for the end; the second doesn't wait for it. */
export function stopSignal(): Stopped {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isAsked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (isAsked) process.exit(1);
      isAsked = true;
      resolve();
    });
  }
  return promise;
}
