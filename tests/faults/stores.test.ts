import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dashboard } from "./support/dashboard.ts";
import { isLong } from "./support/mode.ts";
import type { Fault } from "./support/store-proxy.ts";
import { storableOf, storedOf } from "./support/stored.ts";
import { System } from "./support/system.ts";
import { Page, TestClass } from "./support/test-class.ts";
import { until } from "./support/until.ts";

/** Longer than an event waits for company, after which a store would be asked in any case. */
const retryAfterS = 7;
const faults: readonly [name: string, fault: Fault][] = [
  ["takes two seconds", { kind: "delay", delayMs: 2_000 }],
  ["resets the connection", { kind: "reset" }],
  ["commits and drops its answer", { kind: "drop" }],
  ["commits and cuts its answer off", { kind: "truncate" }],
  ["hangs", { kind: "hang" }],
  ["commits and hangs", { kind: "mute" }],
  ["fails", { kind: "status", status: 500 }],
  ["is overloaded and asks for seven seconds", { kind: "status", status: 429, retryAfterS }],
  ["is away and asks for seven seconds", { kind: "status", status: 503, retryAfterS }],
];
const stores = ["postgres", "influx"] as const;
/** Requests that a store that is down doesn't answer. */
const failures = isLong ? 6 : 2;
const batches = isLong ? 1_000 : 20;
const patienceMs = 5 * 60_000;
const cases = stores.flatMap((store) => faults.map(([name, fault]) => ({ store, name, fault })));

const resources = new AsyncDisposableStack();
let system: System;
beforeAll(async () => {
  system = resources.use(await System.start());
});
afterAll(() => resources.disposeAsync());

describe.concurrent("A store that", () => {
  it.for(cases)("$name has everything once ($store)", async ({ store, fault }, { expect }) => {
    const [proxy, other] = [system[store], system[store === "postgres" ? "influx" : "postgres"]];
    const { made, token, page, dashboard } = await prepare();
    using _ = dashboard;
    proxy.plan(made.id, [fault]);
    other.plan(made.id, []);
    await made.send(token, page.next(3));
    await system.wake(made.id);
    await until("the fault has happened", () => proxy.seen(made.id).length > 0);

    await made.send(token, page.next(1));
    await until("the dashboard shows what came since", () => dashboard.version === 4);
    await until("the other store has not waited", () => other.seen(made.id).length > 0);
    await until("both stores have all", () => isDrained(made, 4));

    expect(await storedOf(made)).toEqual(storableOf(page.sent));
    expect(proxy.seen(made.id)[0]?.fault).toBe(fault.kind);
    expect(other.seen(made.id).every((request) => request.fault === "none")).toBe(true);
    if (fault.kind === "status" && fault.retryAfterS !== undefined) {
      const [first, second] = proxy.seen(made.id);
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(retryAfterS * 1_000);
    }
    expect(dashboard.gaps).toEqual([]);
  });
});

describe.concurrent("While a store is down", () => {
  it.for(stores)(
    "%s is asked more and more seldom, and gets everything once when it is back",
    { timeout: 3 * patienceMs },
    async (store) => {
      const [proxy, other] = [system[store], store === "postgres" ? "influx" : "postgres"] as const;
      const { made, token, page, dashboard } = await prepare();
      using _ = dashboard;
      proxy.plan(made.id, []);
      proxy.setDown(made.id, true);
      for (let batch = 0; batch < batches; batch += 1) await made.send(token, page.next(100));
      await system.wake(made.id);
      await until("the dashboard shows it", () => dashboard.version === page.sent.length);
      await until(
        "the other store has it",
        async () => (await storedOf(made))[other].length === page.sent.length,
      );
      expect((await storedOf(made))[store]).toEqual([]);

      await until("the dashboard says so", () => dashboard.sink(store)?.failing === true);
      await until("it is asked again", () => proxy.seen(made.id).length >= failures, patienceMs);
      await until("an alarm stands for the next time", async () => {
        const { alarmInMs = Infinity } = await system.look(made.id);
        return alarmInMs <= 60_000;
      });

      proxy.setDown(made.id, false);
      await until("it has all", () => isDrained(made, page.sent.length), patienceMs);
      expect(await storedOf(made)).toEqual(storableOf(page.sent));
      await until("the dashboard says so", () => dashboard.sink(store)?.behind === 0);
      expect(dashboard.sink(store)).toMatchObject({ failing: false, deadLetters: 0 });
      expect(dashboard.gaps).toEqual([]);
    },
  );
});

async function prepare() {
  const made = await TestClass.make(system);
  const token = await made.studentToken();
  return { made, token, page: new Page(), dashboard: await Dashboard.open(made) };
}

async function isDrained(made: TestClass, version: number): Promise<boolean> {
  const { cursors } = await system.look(made.id);
  return stores.every((name) => cursors.includes(`"${name}":${version}`));
}
