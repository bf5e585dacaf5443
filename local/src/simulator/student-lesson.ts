import type { CellPlace, Deed, Outcome, Run } from "./actions.ts";
import type { CodeCell, Notebook } from "./course.ts";
import { LessonClock, type LessonPlan } from "./lesson-clock.ts";
import type { Random } from "./random.ts";

interface TimedDeed {
  readonly atMs: number;
  readonly deed: Deed;
}

export interface StudentLessonOptions {
  readonly random: Random;
  readonly notebook: Notebook;
  readonly plan: LessonPlan;
}

const secondMs = 1_000;
const minuteMs = 60_000;
const notes = [
  "I don't understand the message",
  "It worked a minute ago",
  "Is this what you meant?",
  "I am lost, sorry",
  "",
] as const;

/** One student's way through one lesson: somebody with a pace, a skill, and a point at which they ask for help. */
export class StudentLesson {
  readonly #random: Random;
  readonly #notebook: Notebook;
  readonly #clock: LessonClock;
  readonly #pace: number;
  readonly #skill: number;
  /** Errors in a row after which help is asked for. */
  readonly #patience: number;
  readonly #deeds: TimedDeed[] = [];
  readonly #done: CodeCell[] = [];
  #runs = 0;
  #helps = 0;
  #executionCount = 0;
  #checksPassed = 0;
  #losesConnection: boolean;
  /** When a lost connection comes back. */
  #backMs: number | undefined;
  #isPageOpen = false;

  constructor({ random, notebook, plan }: StudentLessonOptions) {
    this.#random = random;
    this.#notebook = notebook;
    this.#pace = Math.min(1.9, Math.max(0.6, random.around(0.95)));
    this.#skill = (random.next() + random.next()) / 2;
    this.#patience = 2 + Math.floor(random.between(1, 4));
    this.#losesConnection = random.chance(0.3);
    const isLate = random.chance(0.15);
    const arrivalMs = isLate ? random.between(3 * minuteMs, 9 * minuteMs) : random.between(0, 90 * secondMs);
    this.#clock = new LessonClock(plan, arrivalMs);
  }

  /** All they do, in order of time. To be called once. */
  play(): readonly TimedDeed[] {
    this.#openPage();
    this.#notebook.cells.forEach((cell, index) => {
      if (this.#clock.isOver) return;
      this.#read(cell.minutes);
      if (cell.type === "code" && !this.#clock.isOver) this.#work(cell, index);
      if (index % 4 === 3 && !this.#clock.isOver) this.#saveAndPerhapsMore();
    });
    this.#lingerOn();
    this.#leave();
    return this.#deeds;
  }

  #work(cell: CodeCell, index: number): void {
    const place = placeOf(cell, index);
    const weakness = cell.difficulty * (1.55 - this.#skill);
    if (cell.endless && this.#random.chance(weakness * 0.25)) this.#runEndlessly(place, cell.endless);
    const isStubborn = this.#random.chance(0.6);
    let errors = 0;
    let wasHelped = false;
    let chosen: CodeCell["mistakes"][number] | undefined;
    while (!this.#clock.isOver && cell.mistakes.length > 0) {
      const again = errors === 0 ? weakness : Math.min(0.85, weakness * 1.15 + 0.12);
      if (!this.#random.chance(wasHelped ? 0.1 : again)) break;
      // Mostly the same error again, with some change that wasn't the one it needed.
      if (chosen === undefined || !(isStubborn && this.#random.chance(0.7))) {
        chosen = this.#random.pick(cell.mistakes);
      }
      this.#run(place, { status: "error", recorded: chosen });
      errors += 1;
      if (errors >= this.#patience && !wasHelped && this.#random.chance(0.75)) {
        wasHelped = this.#askForHelp(place);
      } else if (errors === this.#patience && this.#random.chance(0.5)) {
        this.#do({ kind: "checkin", choice: "stuck" });
      }
      this.#wait(this.#random.around(32 * secondMs) * this.#pace);
    }
    if (this.#clock.isOver) return;
    if (errors === 0 && cell.tags.includes("exercise") && this.#random.chance(0.04)) this.#askForHelp(place);
    if (!this.#run(place, { status: "ok", recorded: cell.right })) return;
    this.#done.push(cell);
    if (cell.tags.includes("check")) this.#passCheck();
  }

  /** False if there is no time left for it: what starts also ends in the lesson. */
  #run(place: CellPlace, outcome: Outcome): boolean {
    const recordedMs =
      outcome.status === "interrupted"
        ? this.#random.between(35, 100) * secondMs
        : outcome.recorded.durationMs;
    const durationMs = Math.max(1, Math.round(this.#random.around(recordedMs)));
    if (this.#clock.nowMs + durationMs >= this.#clock.plan.lengthMs) return false;
    this.#runs += 1;
    this.#executionCount += 1;
    const run: Run = { number: this.#runs, executionCount: this.#executionCount, place, outcome, durationMs };
    this.#do({ kind: "run_start", path: this.#notebook.path, run });
    this.#clock.work(durationMs);
    this.#do({ kind: "run_end", path: this.#notebook.path, run });
    return true;
  }

  #runEndlessly(place: CellPlace, version: { readonly source: string; readonly sourceHash: string }): void {
    this.#run(place, { status: "interrupted", ...version });
    this.#wait(10 * secondMs);
    if (!this.#random.chance(0.5) || this.#clock.isOver) return;
    this.#do({ kind: "kernel_restart", path: this.#notebook.path });
    this.#executionCount = 0;
    // Everything from the top again, as fast as one presses Shift-Enter.
    for (const cell of this.#done) {
      this.#wait(this.#random.between(0.4, 1.5) * secondMs);
      if (this.#clock.isOver) return;
      const index = this.#notebook.cells.indexOf(cell);
      this.#run(placeOf(cell, index), { status: "ok", recorded: cell.right });
    }
  }

  /** Raises the hand until somebody has come by. False if the lesson ends before. */
  #askForHelp(place: CellPlace): boolean {
    this.#helps += 1;
    const request = { path: this.#notebook.path, number: this.#helps, place, note: this.#random.pick(notes) };
    this.#do({ kind: "help", ...request });
    this.#wait(this.#random.around(110 * secondMs));
    const isInTime = !this.#clock.isOver;
    this.#clock.stopAtEnd();
    this.#do({ kind: "help_stop", ...request });
    return isInTime;
  }

  #passCheck(): void {
    this.#checksPassed += 1;
    const isCheck = (cell: Notebook["cells"][number]): boolean =>
      cell.type === "code" && cell.tags.includes("check");
    const total = this.#notebook.cells.filter(isCheck).length;
    this.#do({ kind: "progress", path: this.#notebook.path, passed: this.#checksPassed, total });
  }

  #read(minutes: number): void {
    this.#wait(this.#random.around(minutes * minuteMs * 0.8) * this.#pace);
    // Off for a coffee, a phone, the window.
    if (this.#random.chance(0.02)) this.#clock.stayAway(this.#random.between(5.5, 8) * minuteMs);
  }

  #saveAndPerhapsMore(): void {
    this.#do({ kind: "notebook_save", path: this.#notebook.path });
    if (this.#losesConnection && this.#random.chance(0.5)) this.#loseConnection();
    if (this.#random.chance(0.06)) {
      this.#closePage();
      this.#clock.stayAway(this.#random.between(3, 12) * secondMs);
      if (!this.#clock.isOver) this.#openPage();
    }
  }

  /** The connection goes and comes back; the student works on in between and doesn't notice. */
  #loseConnection(): void {
    this.#losesConnection = false;
    const backMs = this.#clock.nowMs + this.#random.between(15, 90) * secondMs;
    this.#do({ kind: "offline" });
    this.#backMs = Math.min(backMs, this.#clock.plan.lengthMs);
  }

  /** Who is through early tries things out. */
  #lingerOn(): void {
    if (!this.#clock.isOver) this.#do({ kind: "checkin", choice: "done" });
    while (!this.#clock.isOver && this.#done.length > 0) {
      this.#wait(this.#random.around(2 * minuteMs));
      if (this.#clock.isOver) return;
      const cell = this.#random.pick(this.#done);
      this.#run(placeOf(cell, this.#notebook.cells.indexOf(cell)), { status: "ok", recorded: cell.right });
    }
  }

  #openPage(): void {
    this.#isPageOpen = true;
    this.#do({ kind: "page_open" });
    this.#clock.work(800);
    this.#do({ kind: "notebook_open", path: this.#notebook.path });
  }

  #closePage(): void {
    this.#do({ kind: "notebook_close", path: this.#notebook.path });
    this.#do({ kind: "page_close" });
    this.#isPageOpen = false;
  }

  #leave(): void {
    this.#clock.goBeyondEnd(this.#random.between(1, 30) * secondMs);
    this.#comeBack();
    if (!this.#isPageOpen) return;
    this.#do({ kind: "notebook_save", path: this.#notebook.path });
    this.#closePage();
  }

  #do(deed: Deed): void {
    this.#comeBack();
    this.#deeds.push({ atMs: Math.round(this.#clock.nowMs), deed });
    this.#clock.touch();
  }

  #comeBack(): void {
    const backMs = this.#backMs;
    if (backMs === undefined || backMs > this.#clock.nowMs) return;
    this.#backMs = undefined;
    this.#deeds.push({ atMs: Math.round(backMs), deed: { kind: "online" } });
  }

  /** Lets time pass in front of the page. */
  #wait(durationMs: number): void {
    this.#clock.wait(durationMs, () => this.#do({ kind: "activity" }));
  }
}

function placeOf(cell: CodeCell, cellIndex: number): CellPlace {
  return { cellId: cell.id, cellIndex, cellTags: cell.tags };
}
