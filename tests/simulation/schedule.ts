import type { Lesson } from "../../durable-objects/src/classroom/lesson.ts";
import { sinkNames } from "@cell-monitor/protocol";
import type { ClassSettings } from "../../durable-objects/src/classroom/settings.ts";
import { classId, firstSettings } from "./first-settings.ts";
import { Dashboard, holderOf } from "./dashboard.ts";
import { Disk } from "./disk.ts";
import { type FaultKind, faultKinds } from "./fault-kinds.ts";
import { Host } from "./host.ts";
import { checkAll } from "./invariants.ts";
import { LogWatch } from "./log-watch.ts";
import { Network } from "./network.ts";
import { Tab } from "./person.ts";
import type { Random } from "./random.ts";
import { endFaults, startFaults } from "./start-faults.ts";
import { Store } from "./store.ts";
import { World } from "./world.ts";

export interface ScheduleOptions {
  readonly seed: number;
  /** Faults that don't happen, whatever was drawn. */
  readonly without?: readonly FaultKind[];
  readonly keepsTrace?: boolean;
}

export interface ScheduleResult {
  readonly seed: number;
  /** Faults that were drawn. */
  readonly faults: readonly FaultKind[];
  readonly hash: number;
  readonly steps: number;
  readonly events: number;
  readonly acked: number;
  readonly violation: string | undefined;
  readonly trace: readonly string[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const maxSteps = 60_000;

/** Runs one schedule from its seed to its end: some minutes of a class, until all is well again, and what must then be so. */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const schedule = new Schedule(options);
  try {
    return await schedule.run();
  } finally {
    schedule.end();
  }
}

/** One class, its students, its watchers, its stores, and what befalls them. */
export class Schedule {
  readonly world: World;
  readonly disk = new Disk();
  readonly stores: readonly Store[];
  readonly log: LogWatch;
  readonly host: Host;
  readonly network: Network;
  readonly tabs: Tab[] = [];
  readonly dashboards: Dashboard[] = [];
  readonly faults: ReadonlySet<FaultKind>;
  /** Un-numbered events of a student that a server sends, until each is acknowledged. */
  readonly unnumbered = new Map<string, "pending" | "acked">();
  settings: ClassSettings;
  hasConfigured = false;
  readonly #random: Random;
  #ends = 0;

  constructor({ seed, without = [], keepsTrace = false }: ScheduleOptions) {
    this.world = new World(seed, keepsTrace);
    const { world } = this;
    this.#random = world.random("schedule");
    const chosen = world.random("faults");
    // Some schedules meet everything, some nearly nothing.
    const share = chosen.pick([0.1, 0.25, 0.5, 0.9]) ?? 0.5;
    this.faults = new Set(faultKinds.filter((kind) => chosen.chance(share) && !without.includes(kind)));
    this.stores = sinkNames.map((name) => new Store(world, name));
    this.log = new LogWatch(world, this.disk, this.stores);
    this.host = new Host({
      world,
      disk: this.disk,
      sinks: (instance, gate) => this.stores.map((store) => store.sink(instance, gate)),
      flushed: () => this.log.look((studentId) => this.host.presentMs(studentId)),
    });
    this.network = new Network(world, this.host);
    this.settings = firstSettings;
  }

  async run(): Promise<ScheduleResult> {
    this.#configure();
    await this.#runFor(2_000);
    startFaults(this, this.faults);
    const lengthMs = this.#plan();
    await this.#runFor(lengthMs);
    await this.#heal();
    if (!this.world.violation) await checkAll(this);
    const { world } = this;
    return {
      seed: world.seed,
      faults: [...this.faults],
      hash: world.hash,
      steps: world.steps,
      events: this.log.version,
      acked: this.tabs.reduce((sum, tab) => sum + tab.acked.size, 0),
      violation: world.violation?.message,
      trace: world.trace,
    };
  }

  end(): void {
    this.disk.close();
  }

  /** Runs until nothing is left to happen, or so much time has gone by. */
  async #runFor(durationMs: number, isDone: () => boolean = () => false): Promise<boolean> {
    const untilMs = this.world.now() + durationMs;
    let count = 0;
    // What ends the time even where nothing else happens.
    this.world.after(durationMs, () => undefined);
    while (!this.world.violation && (await this.world.step(untilMs))) {
      count += 1;
      if (count % 16 === 0 && isDone()) return true;
      if (this.world.steps > maxSteps) {
        this.world.broken("the schedule does not come to an end");
        return false;
      }
    }
    return isDone();
  }

  #configure(): void {
    const { settings } = this;
    this.host
      .call("configure", (object) => object.configure(settings))
      .then(() => {
        this.hasConfigured = true;
      })
      .catch(() => this.world.after(500, () => this.#configure()));
  }

  // --- The plan ---

  /** Draws what happens when. @returns how long it takes */
  #plan(): number {
    const random = this.#random;
    const lengthMs = random.pick([5_000, 20_000, minuteMs, 5 * minuteMs]) ?? minuteMs;
    const students = random.whole(1, 4);
    for (let number = 0; number < students; number += 1) {
      const tabs = random.chance(0.3) ? 2 : 1;
      for (let tab = 0; tab < tabs; tab += 1) {
        this.#at(random.between(0, lengthMs / 4), () => this.#openTab(`student-${number}`));
      }
    }
    for (let number = random.whole(0, 2); number > 0; number -= 1) {
      const dashboard = new Dashboard(this.world, this.network, `dashboard ${number}`);
      this.dashboards.push(dashboard);
      this.#at(random.between(0, lengthMs / 2), () => dashboard.connect());
    }
    const actions = random.whole(3, 30);
    for (let count = 0; count < actions; count += 1) {
      this.#at(random.between(0, lengthMs), () => random.pick(this.tabs)?.act(random));
    }
    if (random.chance(0.3)) {
      for (let count = random.whole(1, 5); count > 0; count -= 1) {
        this.#at(random.between(0, lengthMs), () => this.#sendUnnumbered());
      }
    }
    this.#planFaults(lengthMs);
    if (!this.faults.has("days")) return lengthMs;
    const laterMs = lengthMs + random.between(0.5, 3) * dayMs;
    // Days of trouble would be days of the same few steps.
    this.#at(lengthMs, () => {
      endFaults(this);
      for (const tab of this.tabs) tab.rest();
      const store = random.chance(0.3) ? random.pick(this.stores) : undefined;
      if (!store) return;
      store.downUntilMs = this.world.now() + laterMs;
      store.retryAfterMs = 10 * minuteMs;
    });
    this.#at(laterMs, () => startFaults(this, this.faults));
    for (let count = 0; count < actions / 3; count += 1) {
      this.#at(laterMs + random.between(0, minuteMs), () => random.pick(this.tabs)?.act(random));
    }
    return laterMs + minuteMs;
  }

  #planFaults(lengthMs: number): void {
    const random = this.world.random("befalls");
    const befall = (kind: FaultKind, most: number, what: () => void) => {
      if (!this.faults.has(kind)) return;
      for (let count = random.whole(1, most); count > 0; count -= 1) {
        const atMs = random.between(0, lengthMs);
        this.#at(atMs, what);
      }
    };
    const { host } = this;
    befall("crash", 4, () => host.crash("crash"));
    befall("crash_inside", 6, () => host.crashAfter(random.whole(1, 40)));
    befall("hibernate", 20, () => host.hibernate());
    befall("deploy", 2, () => host.deploy());
    befall("no_alarm", 2, () => host.loseAlarm());
    befall("cut", 4, () => host.cutSome(0.5));
    befall("offline", 3, () => random.pick(this.tabs)?.goOffline(random.between(1_000, 2 * minuteMs)));
    befall("clock", 3, () => {
      const tab = random.pick(this.tabs);
      if (tab) tab.clockOffsetMs = random.between(-2 * hourMs, 2 * hourMs);
    });
    befall("lost_page", 2, () => random.pick(this.tabs)?.lose());
    befall("outage", 2, () => {
      const store = random.pick(this.stores);
      if (store) store.downUntilMs = this.world.now() + random.between(1, 60) * minuteMs;
    });
    befall("lazy", 2, () => this.#disturbWatchers(random));
    befall("settings", 4, () => this.#changeSettings(random));
    if (random.chance(0.3)) this.#at(random.between(0, lengthMs), () => random.pick(this.tabs)?.close());
    if (random.chance(0.3)) this.#at(random.between(0, lengthMs), () => this.#replay());
  }

  #at(delayMs: number, what: () => void): void {
    this.world.after(delayMs, () => {
      if (this.#ends === 0) what();
    });
  }

  #openTab(studentId: string): void {
    const random = this.#random;
    const tab = new Tab({
      world: this.world,
      network: this.network,
      log: this.log,
      holder: { ...holderOf("student", this.world.now(), studentId), name: `Name of ${studentId}` },
      classId,
      random: this.world.random(`tab ${this.tabs.length}`),
      maxEvents: this.faults.has("small_queue") ? random.whole(20, 60) : 5_000,
      hasSocket: random.chance(0.7),
    });
    this.tabs.push(tab);
    this.world.note(`${studentId} opens ${tab.sessionId}`);
  }

  #sendUnnumbered(): void {
    const eventId = this.world.newId();
    this.unnumbered.set(eventId, "pending");
    const eventTime = new Date(this.world.now()).toISOString();
    const event = { eventId, eventType: "activity", eventTime };
    const holder = holderOf("student", this.world.now(), "student-0");
    const text = JSON.stringify([event]);
    const send = () => {
      this.world.note(`a server sends un-numbered ${eventId}`);
      const again = () => void this.world.after(3_000, send);
      const heard = () => undefined;
      this.network
        .post(holder, text, undefined, heard, () => true)
        .then((answer) => {
          if (!answer.ok) return again();
          this.unnumbered.set(eventId, "acked");
          if (!this.log.events.has(`student-0/${eventId}`)) {
            this.world.broken(`un-numbered ${eventId} is acknowledged, and not on disk`);
          }
        }, again);
    };
    send();
  }

  #disturbWatchers(random: Random): void {
    const dashboard = random.pick(this.dashboards);
    if (!dashboard) return;
    const chosen = random.whole(0, 2);
    if (chosen === 0) {
      dashboard.isLazy = true;
      this.world.after(random.between(1_000, minuteMs), () => {
        dashboard.isLazy = false;
        dashboard.seeAll();
      });
    } else if (chosen === 1) {
      dashboard.leave();
      this.world.after(random.between(1_000, minuteMs), () => dashboard.comeBack());
    } else dashboard.follow(["student-0", "student-1"].slice(0, random.whole(0, 2)));
  }

  #changeSettings(random: Random): void {
    const lessons: (Lesson | undefined)[] = [
      undefined,
      { id: "lesson-1", startedMs: this.world.now() - random.whole(0, 60_000), breaks: [] },
      this.settings.lesson && { ...this.settings.lesson, stoppedMs: this.world.now() },
    ];
    const { lesson: _, ...rest } = this.settings;
    const lesson = random.pick(lessons);
    const captureLevel = random.pick(["activity", "errors", "code"] as const) ?? "activity";
    this.settings = { ...rest, captureLevel, version: rest.version + 1, ...(lesson && { lesson }) };
    this.world.note(`settings ${this.settings.version}: ${captureLevel}, ${lesson?.id ?? "no lesson"}`);
    this.#configure();
  }

  #replay(): void {
    const holder = holderOf("instructor", this.world.now());
    this.host.call("replay", (object) => object.replayDeadLetters(holder, {})).catch(() => undefined);
  }

  // --- The end ---

  /** Ends every fault, and gives everybody the time to make good what went wrong. */
  async #heal(): Promise<void> {
    const { world, host, stores, tabs, dashboards } = this;
    if (world.violation) return;
    world.note("all is well from here on");
    this.#ends += 1;
    endFaults(this);
    for (const store of stores) store.isMended = true;
    for (const tab of tabs) {
      tab.rest();
      tab.comeBack();
    }
    for (const dashboard of dashboards) {
      dashboard.isLazy = false;
      dashboard.seeAll();
      dashboard.comeBack();
    }
    // An alarm that the platform gave up is set again by the next instance at the latest.
    if (host.isAlarmLost) host.crash("to see to its alarm");
    this.#configure();
    await this.#runFor(2 * hourMs, () => this.isDrained && !host.isBusy);
    await this.#runFor(1_500);
    // Frames are never held up for so long, and nothing else is under way.
    if (this.isDrained && !host.isBusy && host.timers > 0) {
      await this.#runFor(500);
      if (host.timers > 0) world.broken(`the class has nothing to do and ${host.timers} timers`);
    }
    // Raised hands of who is gone are lowered in time; connections that nobody needs come to rest.
    await this.#runFor(25 * minuteMs);
    await this.#runFor(2 * hourMs, () => this.isDrained && !host.isBusy);
    for (const dashboard of dashboards) dashboard.seeAll();
    await this.#runFor(5_000);
    for (const dashboard of dashboards) dashboard.seeAll();
    await this.#runFor(5_000);
  }

  get isDrained(): boolean {
    const isSent = this.tabs.every((tab) => tab.end !== "open" || tab.isSettled);
    const isStored = this.stores.every(({ name }) => this.log.cursor(name) >= this.log.version);
    return isSent && isStored && [...this.unnumbered.values()].every((state) => state === "acked");
  }
}
