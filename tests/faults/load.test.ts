import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dashboard } from "./support/dashboard.ts";
import { createRandom, isLong, kills, seed, tellProgress } from "./support/mode.ts";
import { storableOf, storedOf } from "./support/stored.ts";
import { clientStudent, socketStudent, type Student } from "./support/students.ts";
import { System } from "./support/system.ts";
import { runsAmong, TestClass } from "./support/test-class.ts";
import { until } from "./support/until.ts";

const longestLifeMs = 600;
const workEveryMs = 8;
/** To drain what piled up, and for the alarm of a drain that was cut off to come again. */
const patienceMs = (isLong ? 15 : 2) * 60_000;

describe(`A class whose server is killed ${kills} times under load (seed ${seed})`, () => {
  const resources = new AsyncDisposableStack();
  const random = createRandom();
  let system: System;
  let made: TestClass;
  let dashboard: Dashboard;
  const students: Student[] = [];

  beforeAll(async () => {
    system = resources.use(await System.start());
    made = await TestClass.make(system);
    for (let index = 0; index < 8; index += 1) {
      const token = await made.studentToken(`student-${index}@example.org`);
      students.push(resources.use((index % 2 === 0 ? clientStudent : socketStudent)(made, token)));
    }
    dashboard = resources.use(await Dashboard.open(made));
  });
  afterAll(() => resources.disposeAsync());

  it("has what it acknowledged whenever it is back", { timeout: 60 * 60_000 }, async () => {
    const timer = setInterval(() => {
      for (const student of students) student.work();
    }, workEveryMs);
    using _ = { [Symbol.dispose]: () => clearInterval(timer) };
    for (let kill = 1; kill <= kills; kill += 1) {
      await delay(random() * longestLifeMs);
      if (random() < 0.7) await system.wake(made.id);
      await delay(random() * 40);
      await system.kill();
      const acknowledged = students.reduce((sum, each) => sum + each.acknowledged, 0);
      await system.startWorker();
      expect((await made.totals()).received).toBeGreaterThanOrEqual(acknowledged);
      if (kill % 10 === 0) tellProgress(`killed ${kill} times, ${acknowledged} events acknowledged`);
    }
  });

  it("gets the rest, which its students kept", async () => {
    await until("all is acknowledged", () =>
      students.every((each) => each.acknowledged === each.sent.length),
    );

    const sent = students.reduce((sum, each) => sum + each.sent.length, 0);
    expect(await made.totals()).toMatchObject({ received: sent, missing: 0, lost: 0 });
    expect((await system.look(made.id)).version).toBe(sent);
  });

  it("has each event once in both stores", { timeout: 2 * patienceMs }, async () => {
    const sent = students.flatMap((each) => each.sent);
    const isDrained = async (): Promise<boolean> => {
      const { cursors } = await system.look(made.id);
      return ["postgres", "influx"].every((name) => cursors.includes(`"${name}":${sent.length}`));
    };
    await until("both stores have all", isDrained, patienceMs);
    expect(await storedOf(made)).toEqual(storableOf(sent));
  });

  it("has shown it live, without a gap", async () => {
    const sent = students.flatMap((each) => each.sent);
    await until("all is shown", () => dashboard.version === sent.length);
    expect(dashboard.gaps).toEqual([]);
    expect(dashboard.runs).toBe(runsAmong(sent));
    using fresh = await Dashboard.open(made);
    await until("all is shown afresh", () => fresh.version === sent.length);
    expect(dashboard.shown).toEqual(fresh.shown);
  });
});
