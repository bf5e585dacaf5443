interface SharedAnswerDeps<T> {
  /** Unix ms. */
  now(): number;
  /** For how long an answer does for all who ask. */
  keepMs(value: T): number;
  /** An asking that has not ended after this is given up: whoever comes next asks anew. */
  readonly giveUpAfterMs: number;
}

interface Asked<T> {
  readonly answer: Promise<T>;
  readonly startedMs: number;
  keptUntilMs: number | undefined;
}

/** Something that anybody may ask as often as they like, and that is looked up once for all who ask at about one time. */
export class SharedAnswer<T> {
  readonly #deps: SharedAnswerDeps<T>;
  #asked: Asked<T> | undefined;

  constructor(deps: SharedAnswerDeps<T>) {
    this.#deps = deps;
  }

  /** @param lookUp must not throw: what went wrong is an answer, too */
  get(lookUp: () => Promise<T>): Promise<T> {
    const asked = this.#asked;
    if (asked && this.#isStillGood(asked)) return asked.answer;
    const next: Asked<T> = { answer: lookUp(), startedMs: this.#deps.now(), keptUntilMs: undefined };
    this.#asked = next;
    void next.answer.then((value) => {
      next.keptUntilMs = this.#deps.now() + this.#deps.keepMs(value);
    });
    return next.answer;
  }

  #isStillGood({ startedMs, keptUntilMs }: Asked<T>): boolean {
    const { now, giveUpAfterMs } = this.#deps;
    return now() < (keptUntilMs ?? startedMs + giveUpAfterMs);
  }
}
