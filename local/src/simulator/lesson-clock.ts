export interface LessonPlan {
  readonly lengthMs: number;
  /** Nobody works between these. */
  readonly breakFromMs: number;
  readonly breakUntilMs: number;
}

/** A page that is looked at says so once a minute. */
const activityMs = 60_000;

/** A student's time in a lesson: moves on only, and jumps over the break. */
export class LessonClock {
  readonly plan: LessonPlan;
  #nowMs: number;
  #activeMs: number;

  constructor(plan: LessonPlan, startMs: number) {
    this.plan = plan;
    this.#nowMs = startMs;
    this.#activeMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get isOver(): boolean {
    return this.#nowMs >= this.plan.lengthMs;
  }

  /** Something was done now. */
  touch(): void {
    this.#activeMs = this.#nowMs;
  }

  /** Time in which something is done, break or not. */
  work(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  /** Time in front of the page, with a sign of life once a minute. */
  wait(durationMs: number, signOfLife: () => void): void {
    const untilMs = this.#afterBreak(this.#nowMs + durationMs);
    while (this.#activeMs + activityMs < Math.min(untilMs, this.plan.lengthMs)) {
      const nextMs = Math.max(this.#nowMs, this.#activeMs + activityMs);
      if (this.#isInBreak(nextMs)) {
        this.#activeMs = this.plan.breakUntilMs;
      } else {
        this.#nowMs = nextMs;
        this.touch();
        signOfLife();
      }
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Time away from the page. */
  stayAway(durationMs: number): void {
    this.#nowMs = this.#afterBreak(this.#nowMs + durationMs);
    this.touch();
  }

  /** Goes back to the end of the lesson, if it is over. */
  stopAtEnd(): void {
    this.#nowMs = Math.min(this.#nowMs, this.plan.lengthMs);
  }

  /** Goes to the end of the lesson and beyond. */
  goBeyondEnd(byMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, this.plan.lengthMs) + byMs;
  }

  /** Who would go on in the break, or over it, goes on behind it. */
  #afterBreak(untilMs: number): number {
    const { breakFromMs, breakUntilMs } = this.plan;
    const isCrossing = this.#nowMs < breakUntilMs && untilMs >= breakFromMs;
    if (!isCrossing) return untilMs;
    return breakUntilMs + (untilMs - Math.max(this.#nowMs, breakFromMs));
  }

  #isInBreak(atMs: number): boolean {
    return atMs >= this.plan.breakFromMs && atMs < this.plan.breakUntilMs;
  }
}
