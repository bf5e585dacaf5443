import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dashboard } from "./support/dashboard.ts";
import { isLong, tellProgress } from "./support/mode.ts";
import { storableOf, storedOf } from "./support/stored.ts";
import { System } from "./support/system.ts";
import { Page, TestClass } from "./support/test-class.ts";
import { until } from "./support/until.ts";

/** Each has a request under way at any time: with full batches, far more a second than a class promises to take. */
const pages = isLong ? 400 : 100;
const batchesEach = isLong ? 10 : 1;
const studentCount = 10;
const batchEvents = 100;
const patienceMs = isLong ? 15 * 60_000 : 60_000;
/** What workerd may take on top of what it had: far more than it needs, far less than it would if it kept what it is sent. */
const roomMiB = 600;

describe("A class that is sent more than it can take, while Postgres is down", () => {
  const resources = new AsyncDisposableStack();
  let system: System;
  let made: TestClass;
  let dashboard: Dashboard;
  const students: { readonly token: string; readonly page: Page }[] = [];
  let restMiB: number;
  let peakMiB = 0;

  beforeAll(async () => {
    system = resources.use(await System.start());
    made = await TestClass.make(system);
    dashboard = resources.use(await Dashboard.open(made));
    await until("the dashboard is open", () => dashboard.version >= 0);
    const tokens = await Promise.all(
      Array.from({ length: studentCount }, (_, index) => made.studentToken(`student-${index}@example.org`)),
    );
    for (let index = 0; index < pages; index += 1) {
      students.push({ token: tokens[index % studentCount] ?? "", page: new Page() });
    }
    system.postgres.plan(made.id, []);
    system.postgres.setDown(made.id, true);
    restMiB = system.worker.residentMiB();
  });
  afterAll(() => resources.disposeAsync());

  it("acknowledges everything in the end, in bounded memory", { timeout: patienceMs }, async () => {
    const timer = setInterval(() => {
      peakMiB = Math.max(peakMiB, system.worker.residentMiB());
    }, 20);
    using _ = { [Symbol.dispose]: () => clearInterval(timer) };
    await Promise.all(
      students.map(async ({ token, page }) => {
        for (let batch = 0; batch < batchesEach; batch += 1) await made.send(token, page.next(batchEvents));
      }),
    );
    tellProgress(
      `${pages * batchesEach * batchEvents} events sent, ${Math.round(peakMiB - restMiB)} MiB taken`,
    );

    expect((await made.totals()).received).toBe(pages * batchesEach * batchEvents);
    expect(peakMiB - restMiB).toBeLessThan(roomMiB);
  });

  it("shows all of it", async () => {
    await until("all is shown", () => dashboard.version === pages * batchesEach * batchEvents);
    expect(dashboard.gaps).toEqual([]);
  });

  it("has each event once in both stores when Postgres is back", { timeout: 2 * patienceMs }, async () => {
    system.postgres.setDown(made.id, false);
    const sent = students.flatMap(({ page }) => page.sent);
    const isDrained = async (): Promise<boolean> => {
      const { cursors } = await system.look(made.id);
      return ["postgres", "influx"].every((name) => cursors.includes(`"${name}":${sent.length}`));
    };
    await until("both stores have all", isDrained, patienceMs);
    expect(await storedOf(made)).toEqual(storableOf(sent));
  });
});
