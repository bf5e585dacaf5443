import { randomUUID } from "node:crypto";
import type { EventsAnswer } from "@cell-monitor/protocol";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { describeWith } from "./support/binaries.ts";
import { TestBrowser } from "./support/browser.ts";
import { finishedRun, sendEvents, studentNamed } from "./support/class.ts";
import { DashboardPage } from "./support/dashboard-page.ts";
import { embeddedDatabase } from "./support/database.ts";
import { temporaryFolder } from "./support/folders.ts";
import { serversOf, type StackProcess, startStack } from "./support/stack-process.ts";

const databaseCatchesUpWithin = { timeout: 20_000, interval: 100 };
const reconnectsWithinMs = 20_000;
const batchSize = 5;
const studentName = "Guest student";

describeWith(["chromium"], "The embedded stack, when SIGKILL ends the whole process group under load", () => {
  survives((stack) => stack.killGroup());
});

describeWith(["chromium"], "The embedded stack, when SIGKILL ends its Node process alone under load", () => {
  survives((stack) => stack.killNode());
});

function survives(kill: (stack: StackProcess) => Promise<void>): void {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder());
  const database = embeddedDatabase();
  const student = new Student();
  let browser: TestBrowser;
  let dashboard: DashboardPage;
  let before: StackProcess;
  let after: StackProcess;

  beforeAll(async () => {
    before = resources.use(await startStack({ dataDir: folder.path }));
    browser = resources.use(await TestBrowser.launch());
    dashboard = await DashboardPage.logIn(browser, before);
    const sending = student.sendUntilRefused(before);
    resources.defer(() => student.giveUp());
    await dashboard.openStudent(studentName);
    await student.untilAcknowledged(60);
    await kill(before);
    student.giveUp();
    await sending;
  });
  afterAll(() => resources.disposeAsync());
  beforeEach(({ onTestFailed, task }) => {
    onTestFailed(() => browser.keepEvidence(task.name));
  });

  it("leaves no server behind", async () => {
    await expect.poll(() => serversOf(folder.path), { timeout: 1_000 }).toEqual([]);
  });

  it("starts again on the same data and the same port, with the same class, keys and tokens", async () => {
    after = resources.use(await startStack({ dataDir: folder.path, port: before.port }));

    const { url, classId, classCode, joinCode, adminToken, instructorToken, classKey } = before;
    expect(after).toMatchObject({ url, classId, classCode, joinCode, adminToken, instructorToken, classKey });
  });

  it("is served by exactly one server", () => {
    expect(serversOf(folder.path)).toHaveLength(1);
  });

  it("has the open page reconnect by itself, and show everything that was acknowledged", async () => {
    await dashboard.untilLink("live", reconnectsWithinMs);

    expect((await studentNamed(after, studentName))?.runs).toBeGreaterThanOrEqual(student.acknowledged.size);
    await expect.poll(() => dashboard.runCount()).toBeGreaterThanOrEqual(student.acknowledged.size);
  });

  it("has everything that was acknowledged in Postgres", async () => {
    await expect
      .poll(async () => {
        const inPostgres = new Set(await runsIn(after));
        return [...student.acknowledged].filter((id) => !inPostgres.has(id));
      }, databaseCatchesUpWithin)
      .toEqual([]);
  });

  it("has every run exactly once when the last batches are sent again, acknowledged or not", async () => {
    expect(await student.sendLastAgain(after)).toMatchObject({ accepted: 0, duplicates: batchSize });
    await student.sendTheRest(after);

    expect(student.acknowledged.size).toBe(student.sent.length);
    await expect.poll(() => dashboard.runCount()).toBe(student.sent.length);
    await expect.poll(() => runsIn(after), databaseCatchesUpWithin).toEqual(student.sent);
  });

  async function runsIn(stack: StackProcess): Promise<unknown[]> {
    const rows = await database.query(
      stack,
      "SELECT execution_id FROM cell_executions ORDER BY execution_count",
    );
    return rows.map((row) => row["execution_id"]);
  }
}

/** Sends without a pause, and remembers what was acknowledged. */
class Student {
  readonly acknowledged = new Set<string>();
  /** The ids of all runs that were sent at least once. */
  readonly sent: string[] = [];
  readonly #sessionId = randomUUID();
  #hasGivenUp = false;
  #unanswered: readonly ReturnType<typeof finishedRun>[] = [];
  #lastAnswered: readonly ReturnType<typeof finishedRun>[] = [];

  async sendUntilRefused({ url, studentToken }: StackProcess): Promise<void> {
    while (!this.#hasGivenUp) {
      this.#unanswered = this.#next();
      try {
        await this.#send(url, studentToken);
      } catch {
        return;
      }
    }
  }

  /** Sends nothing more, even to a server that goes on answering. */
  giveUp(): void {
    this.#hasGivenUp = true;
  }

  async untilAcknowledged(atLeast: number): Promise<void> {
    const check = (): void => {
      if (this.acknowledged.size < atLeast)
        throw new Error(`Only ${this.acknowledged.size} runs are acknowledged.`);
    };
    await vi.waitFor(check, { timeout: 20_000, interval: 20 });
  }

  /** As a client does whose page was reloaded before it had noted the answer. */
  sendLastAgain({ url, studentToken }: StackProcess): Promise<EventsAnswer> {
    return sendEvents(url, studentToken, this.#lastAnswered);
  }

  /** What had no answer, and one batch more. */
  async sendTheRest({ url, studentToken }: StackProcess): Promise<void> {
    if (this.#unanswered.length > 0) await this.#send(url, studentToken);
    this.#unanswered = this.#next();
    await this.#send(url, studentToken);
  }

  #next(): readonly ReturnType<typeof finishedRun>[] {
    const first = this.sent.length + 1;
    const events = Array.from({ length: batchSize }, (_, index) =>
      finishedRun(this.#sessionId, first + index),
    );
    this.sent.push(...events.map(({ executionId }) => executionId));
    return events;
  }

  async #send(url: string, token: string): Promise<void> {
    const answer = await sendEvents(url, token, this.#unanswered);
    if (answer.accepted + answer.duplicates !== this.#unanswered.length)
      throw new Error(JSON.stringify(answer));
    for (const { executionId } of this.#unanswered) this.acknowledged.add(executionId);
    this.#lastAnswered = this.#unanswered;
    this.#unanswered = [];
  }
}
