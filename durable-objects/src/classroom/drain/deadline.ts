/** Calls back once after a delay; answers how to call it off. */
export type After = (delayMs: number, callback: () => void) => () => void;

/**
 * Asks a store, for so long at most. The deadline holds even for one that does not heed its signal, and is called off when
 * the store answers: a timer left behind would keep the object from sleeping.
 * @param late what it comes to when the time is over
 */
export async function within<T>(
  after: After,
  deadlineMs: number,
  ask: (signal: AbortSignal) => Promise<T>,
  late: T,
): Promise<T> {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<T>();
  const cancel = after(deadlineMs, () => {
    controller.abort();
    resolve(late);
  });
  try {
    return await Promise.race([ask(controller.signal), promise]);
  } finally {
    cancel();
  }
}
