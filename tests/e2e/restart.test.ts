import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { finishedRun, sendEvents, studentNamed } from "./support/class.ts";
import { embeddedDatabase } from "./support/database.ts";
import { temporaryFolder } from "./support/folders.ts";
import { serversOf, type StackProcess, startStack } from "./support/stack-process.ts";

const databaseCatchesUpWithin = { timeout: 20_000, interval: 100 };
const batchSize = 5;

describe.each([
  ["the whole process group", (stack: StackProcess) => stack.killGroup()],
  ["the Node process alone", (stack: StackProcess) => stack.killNode()],
])("the embedded stack, when SIGKILL ends %s while a student is sending", (_what, kill) => {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder());
  const database = embeddedDatabase();
  const student = new Student();
  let before: StackProcess;
  let after: StackProcess;

  beforeAll(async () => {
    before = resources.use(await startStack({ dataDir: folder.path }));
    const sending = student.sendUntilRefused(before);
    await student.untilAcknowledged(60);
    await kill(before);
    await sending;
  });
  afterAll(() => resources.disposeAsync());

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

  it("shows everything that was acknowledged", async () => {
    const shown = await studentNamed(after, "Guest student");

    expect(shown?.runs).toBeGreaterThanOrEqual(student.acknowledged.size);
  });

  it("has everything that was acknowledged in Postgres", async () => {
    await expect
      .poll(async () => {
        const inPostgres = new Set(await runsIn(after));
        return [...student.acknowledged].filter((id) => !inPostgres.has(id));
      }, databaseCatchesUpWithin)
      .toEqual([]);
  });

  it("takes what was not acknowledged when it is sent again, and has every run exactly once", async () => {
    await student.sendTheRest(after);

    expect(student.acknowledged.size).toBe(student.sent.length);
    expect((await studentNamed(after, "Guest student"))?.runs).toBe(student.sent.length);
    await expect.poll(() => runsIn(after), databaseCatchesUpWithin).toEqual(student.sent);
  });

  async function runsIn(stack: StackProcess): Promise<unknown[]> {
    const rows = await database.query(
      stack,
      "SELECT execution_id FROM cell_executions ORDER BY execution_count",
    );
    return rows.map((row) => row["execution_id"]);
  }
});

/** Sends without a pause, and remembers what was acknowledged. */
class Student {
  readonly acknowledged = new Set<string>();
  /** The ids of all runs that were sent at least once. */
  readonly sent: string[] = [];
  readonly #sessionId = randomUUID();
  #unanswered: readonly ReturnType<typeof finishedRun>[] = [];

  async sendUntilRefused({ url, studentToken }: StackProcess): Promise<void> {
    for (;;) {
      this.#unanswered = this.#next();
      try {
        await this.#send(url, studentToken);
      } catch {
        return;
      }
    }
  }

  async untilAcknowledged(atLeast: number): Promise<void> {
    const check = (): void => {
      if (this.acknowledged.size < atLeast)
        throw new Error(`Only ${this.acknowledged.size} runs are acknowledged.`);
    };
    await vi.waitFor(check, { timeout: 20_000, interval: 20 });
  }

  /** What had no answer, and one batch more. */
  async sendTheRest({ url, studentToken }: StackProcess): Promise<void> {
    await this.#send(url, studentToken);
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
    this.#unanswered = [];
  }
}
