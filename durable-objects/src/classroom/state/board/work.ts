/**
 * What one student did on one cell, as numbers, because there are thousands of them in a checkpoint. Times are in ms
 * from the start of the scope. Each is a sum, a least or a greatest: whatever order events come in, they end the same.
 */
export type Work = number[];

const at = {
  student: 0,
  runs: 1,
  failures: 2,
  /** When the first run began. */
  firstMs: 3,
  /** When the first run that passes ended; -1: none has. */
  passMs: 4,
  // The run that ended last: by time, and on a tie by its number and how it ended.
  lastMs: 5,
  lastSequence: 6,
  /** How it ended, as `Outcome`. */
  lastOutcome: 7,
} as const;
export const workLength = 8;

/** Greater ones win a tie. */
export const outcomes = { failed: 0, ok: 1, passed: 2 } as const;
export type Outcome = (typeof outcomes)[keyof typeof outcomes];

export interface RunEnd {
  readonly beganMs: number;
  readonly endedMs: number;
  /** It counts as one of the errors on the cell. */
  readonly isFailure: boolean;
  readonly outcome: Outcome;
  readonly sequence: number;
}

export function newWork(student: number): Work {
  return [student, 0, 0, Number.MAX_SAFE_INTEGER, -1, -1, 0, 0];
}

export function noteRun(work: Work, run: RunEnd): void {
  work[at.runs] = field(work, at.runs) + 1;
  if (run.isFailure) work[at.failures] = field(work, at.failures) + 1;
  work[at.firstMs] = Math.min(field(work, at.firstMs), run.beganMs);
  if (run.outcome === outcomes.passed) {
    const passMs = field(work, at.passMs);
    work[at.passMs] = passMs < 0 ? run.endedMs : Math.min(passMs, run.endedMs);
  }
  if (!isLater(run, work)) return;
  work[at.lastMs] = run.endedMs;
  work[at.lastSequence] = run.sequence;
  work[at.lastOutcome] = run.outcome;
}

function isLater({ endedMs, sequence, outcome }: RunEnd, work: Work): boolean {
  const byOrder =
    endedMs - field(work, at.lastMs) ||
    sequence - field(work, at.lastSequence) ||
    outcome - field(work, at.lastOutcome);
  return byOrder > 0;
}

function field(work: Work, index: number): number {
  return work[index] ?? 0;
}

export function studentOf(work: Work): number {
  return field(work, at.student);
}

export function runsOf(work: Work): number {
  return field(work, at.runs);
}

export function failuresOf(work: Work): number {
  return field(work, at.failures);
}

export function firstMsOf(work: Work): number {
  return field(work, at.firstMs);
}

/** When the first run that passes ended; undefined: none has. */
export function passMsOf(work: Work): number | undefined {
  const passMs = field(work, at.passMs);
  return passMs < 0 ? undefined : passMs;
}

export function lastPassed(work: Work): boolean {
  return work[at.lastOutcome] === outcomes.passed;
}
