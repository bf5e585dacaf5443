import { vi } from "vitest";

/** Resolves when something is so; asks again and again, errors of asking included. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const check = async (): Promise<void> => {
    if (!(await isSo())) throw new Error(`It has not come to that: ${what}`);
  };
  await vi.waitFor(check, { timeout: timeoutMs, interval: 10 });
}
