import { expect } from "vitest";
import { Dashboard } from "./dashboard.ts";
import { socketStudent } from "./students.ts";
import { storableOf, storedOf } from "./stored.ts";
import { type Look, Refused, type System } from "./system.ts";
import { Page, type SentEvent, TestClass } from "./test-class.ts";
import { until } from "./until.ts";

const dayMs = 24 * 60 * 60 * 1000;
const watchdogMs = 60_000;
const forbidden = "whom no store wants";

/**
 * What a class does that outlasts it, every answer waited for however often it takes, and what must be there of it
 * afterwards: birth, commits with and without a checkpoint, drain.
 * @param isWhole also what stores refuse, and the day when the log is dropped
 */
export async function liveThroughLesson(system: System, isWhole: boolean): Promise<void> {
  const made = await TestClass.make(system);
  const token = await made.studentToken();
  const page = new Page();
  // The second fills the tail until a checkpoint pays.
  for (const count of [1, 100]) await sendAll(made, token, page.next(count));
  await sendBySocket(made, token, page);
  await sendAll(made, token, page.next(40));
  await drain(made, page.sent.length);
  expect(await storedOf(made)).toEqual(storableOf(page.sent));
  if (isWhole) await refuseAndReplay(made, token, page);
  expect(await made.send(token, page.sent.slice(-1))).toMatchObject({ accepted: 0, duplicates: 1 });
  expect(await made.totals()).toMatchObject({ received: page.sent.length, missing: 0, lost: 0 });
  using dashboard = await Dashboard.open(made);
  await until("all is shown", () => dashboard.version === page.sent.length);
  expect(dashboard.runs).toBe(page.runs);
  if (isWhole) await outliveLog(made, token, page);
}

/** One event of the page, over a socket. */
async function sendBySocket(made: TestClass, token: string, page: Page): Promise<void> {
  using student = socketStudent(made, token, page);
  student.work();
  await until("it is acknowledged", async () => {
    await made.system.startWorker();
    return student.acknowledged === page.sent.length;
  });
}

/** The log's days go when they are older than what the class keeps, and nothing comes back by that. */
async function outliveLog(made: TestClass, token: string, page: Page): Promise<void> {
  const { system } = made;
  await afterWaking(made, 200 * dayMs, ({ days }) => days === 0);
  await system.insist(() => system.setClockAhead(0));
  // Whether it is still known or refused as too old: it is not taken for new.
  const { accepted } = await made.send(token, page.sent.slice(-1)).catch((error: unknown) => {
    if (error instanceof Refused) return { accepted: 0 };
    throw error;
  });
  expect(accepted).toBe(0);
  expect((await made.send(token, new Page().next(1))).accepted).toBe(1);
  const { version } = await system.insist(() => system.look(made.id));
  expect(version).toBe(page.sent.length + 1);
}

async function refuseAndReplay(made: TestClass, token: string, page: Page): Promise<void> {
  using _ = { [Symbol.dispose]: () => forbid(made.system, undefined) };
  forbid(made.system, forbidden);
  const stored = [...page.sent, ...(await sendAll(made, token, page.next(2)))];
  await sendAll(made, token, page.next(1, { notebookPath: forbidden }));
  await drain(made, page.sent.length);
  expect(await storedOf(made)).toEqual(storableOf(stored));
  forbid(made.system, undefined);
  await made.replay();
  expect(await storedOf(made)).toEqual(storableOf(page.sent));
  expect(await made.replay()).toEqual({ replayed: 0, kept: [] });
}

function forbid(system: System, text: string | undefined): void {
  system.postgres.forbidden = text;
  system.influx.forbidden = text;
}

async function sendAll(
  made: TestClass,
  token: string,
  events: readonly SentEvent[],
): Promise<readonly SentEvent[]> {
  const { accepted, duplicates } = await made.send(token, events);
  expect(accepted + duplicates).toBe(events.length);
  return events;
}

/** Has the alarm drain the log. An alarm must stand until that is done. */
async function drain(made: TestClass, version: number): Promise<void> {
  await afterWaking(made, 0, (look) => {
    // There is none while it is at work.
    const { alarmInMs = 0, cursors } = look;
    expect(look.version).toBe(version);
    const isDrained = ["postgres", "influx"].every((name) => cursors.includes(`"${name}":${version}`));
    if (!isDrained) expect(alarmInMs).toBeLessThanOrEqual(watchdogMs);
    // Last of all it is set to what is due next, which is far away.
    return isDrained && alarmInMs > watchdogMs;
  });
}

/** Has the alarm come once in every life of the server, on a day to come, until the class is as it should be. */
async function afterWaking(made: TestClass, aheadMs: number, isDone: (look: Look) => boolean): Promise<void> {
  const { system, id } = made;
  let woken = 0;
  await until("the alarm has done its work", async () => {
    const look = await system.insist(() => system.look(id));
    if (isDone(look)) return true;
    if (woken !== system.lives && look.alarmInMs !== undefined && look.alarmInMs > 0) {
      await system.insist(async () => {
        woken = system.lives;
        await system.setClockAhead(aheadMs);
        await system.wake(id);
      });
    }
    return false;
  });
}
