/** How much is done: what `run.ts` was asked for, or what a test run has time for. */
export const isLong = process.env["FAULTS"] === "long";

/** Servers killed at random times. */
export const kills = Number(process.env["FAULTS_KILLS"] ?? (isLong ? 200 : 5));

/** Of what is drawn at random: the same one draws the same. */
export const seed = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);

/** Numbers in [0, 1) that hang on the seed alone (mulberry32). */
export function createRandom(): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Where a long run has got to. */
export function tellProgress(text: string): void {
  if (isLong) process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);
}
