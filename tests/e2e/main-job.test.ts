import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeWith } from "./support/binaries.ts";
import { TestBrowser } from "./support/browser.ts";
import { DashboardPage } from "./support/dashboard-page.ts";
import {
  createTestDatabase,
  databaseName,
  databaseNote,
  type Row,
  type TestDatabase,
} from "./support/database.ts";
import { temporaryFolder } from "./support/folders.ts";
import { JupyterPage } from "./support/jupyter-page.ts";
import { installExtension, jupyterLab, notebookOf, startJupyter } from "./support/jupyter.ts";
import { serversOf, type StackProcess, startStack } from "./support/stack-process.ts";
import { influxQuery, startInfluxd, type TimeSeriesServer } from "./support/time-series.ts";

const student = "Ada Lovelace";
const notebook = "lesson.ipynb";
const good = 1;
const slow = 2;
const raising = 3;
const unreached = 4;
const slowMs = 2_500;
const lesson = notebookOf("Numbers", [
  "total = sum(range(10))\ntotal",
  `import time\ntime.sleep(${slowMs / 1_000})`,
  `raise ValueError("a secret of the student's")`,
  "print('never reached')",
]);

const shownWithin = { timeout: 2_000 };
const storesCatchUpWithin = { timeout: 20_000, interval: 100 };
const reconnectsWithinMs = 20_000;

describeWith(
  ["chromium", "influxd", jupyterLab],
  `A real notebook in JupyterLab, the dashboard, ${databaseName} and InfluxDB${databaseNote}`,
  () => {
    const resources = new AsyncDisposableStack();
    const folder = resources.use(temporaryFolder());
    /** When the dashboard first showed what, Unix ms. */
    let shown: Record<"running" | "error", Promise<number>>;
    let browser: TestBrowser;
    let database: TestDatabase;
    let timeSeries: TimeSeriesServer;
    let stack: StackProcess;
    let jupyter: JupyterPage;
    let dashboard: DashboardPage;

    beforeAll(async () => {
      installExtension();
      database = resources.use(await createTestDatabase());
      timeSeries = resources.use(await startInfluxd(resources.use(temporaryFolder()).path));
      stack = resources.use(await start());
      const server = await startJupyter(resources.use(temporaryFolder()).path, { [notebook]: lesson });
      resources.use(server);
      browser = resources.use(await TestBrowser.launch());
      jupyter = await JupyterPage.open(browser, server, notebook);
      dashboard = await DashboardPage.logIn(browser, stack);
    });
    afterAll(() => resources.disposeAsync());
    beforeEach(({ onTestFailed, task }) => {
      onTestFailed(() => browser.keepEvidence(task.name));
    });

    it("tells a student who mistyped the class's code so, and keeps what was typed", async () => {
      const dialog = await jupyter.askToJoin({ serverUrl: stack.url, joinCode: "NO-SUCH-1", name: student });

      await dialog.getByRole("alert").waitFor();
      expect(await dialog.getByLabel("Your name").inputValue()).toBe(student);
      await dialog.getByRole("button", { name: "Cancel" }).click();
    });

    it("shows a student who joins with the class's code", async () => {
      await jupyter.join({ serverUrl: stack.url, joinCode: stack.joinCode, name: student });

      await expect
        .poll(() => dashboard.tile(student, { status: "active" }).isVisible(), shownWithin)
        .toBe(true);
    });

    it("shows a cell that runs, and where it is, within 2 s", async () => {
      shown = {
        running: dashboard.firstShown(`[data-cell-index="${slow}"] [data-run="running"]`),
        error: dashboard.firstShown('[data-run="error"]'),
      };
      await jupyter.runAll();

      const running = dashboard.page.locator('[data-run="running"]');
      const tile = dashboard.tile(student, { status: "active", cellIndex: slow }).filter({ has: running });
      await expect.poll(() => tile.isVisible(), shownWithin).toBe(true);
    });

    it("shows an error within 2 s", async () => {
      await jupyter.output(raising).getByText("ValueError").first().waitFor();

      const error = dashboard.page.locator('[data-run="error"]', { hasText: "ValueError" });
      const tile = dashboard.tile(student, { status: "error", cellIndex: raising }).filter({ has: error });
      await expect.poll(() => tile.isVisible(), shownWithin).toBe(true);
    });

    it("lists the student's runs, and no run of the cell that a Run All never reached", async () => {
      await dashboard.openStudent(student);

      await expect
        .poll(() => dashboard.recentRuns(), shownWithin)
        .toEqual([
          { cellIndex: raising, status: "error" },
          { cellIndex: slow, status: "ok" },
          { cellIndex: good, status: "ok" },
        ]);
    });

    it("shows a raised hand within 2 s, until it is lowered", async () => {
      await jupyter.helpButton.click();
      await expect
        .poll(() => dashboard.tile(student, { status: "help" }).isVisible(), shownWithin)
        .toBe(true);

      await jupyter.helpButton.click();
      await expect
        .poll(() => dashboard.tile(student, { status: "error" }).isVisible(), shownWithin)
        .toBe(true);
    });

    it(`holds each run once in ${databaseName}, with the kernel's duration and the right end`, async ({
      annotate,
    }) => {
      await expect.poll(async () => (await runs()).length, storesCatchUpWithin).toBe(3);

      const expected = {
        student,
        path: notebook,
        code_content: null,
        output: null,
        error_message: null,
        error_traceback: null,
      };
      const [first, second, third] = await runs();
      expect(first).toMatchObject({ ...expected, cell_index: good, cell_id: "code-1", status: "ok" });
      expect(second).toMatchObject({ ...expected, cell_index: slow, cell_id: "code-2", status: "ok" });
      expect(third).toMatchObject({ ...expected, cell_index: raising, cell_id: "code-3", status: "error" });
      expect(third).toMatchObject({ error_name: "ValueError" });
      expect([first, second, third].map((row) => row?.["execution_count"])).toEqual([1, 2, 3]);
      expect(second?.["duration_ms"]).toBeGreaterThanOrEqual(slowMs);
      expect(second?.["duration_ms"]).toBeLessThan(slowMs + 1_500);
      await annotate(
        `A start was shown ${(await shown.running) - timeOf(second, "executed_at")} ms after the kernel's`,
      );
      await annotate(
        `An error was shown ${(await shown.error) - timeOf(third, "finished_at")} ms after the kernel's`,
      );
    });

    it(`holds the session, the opened notebook and the raised hand in ${databaseName}`, async () => {
      expect(await rows("SELECT is_active, client FROM sessions")).toEqual([
        { is_active: true, client: expect.anything() },
      ]);
      expect(await rows("SELECT DISTINCT action FROM notebook_accesses ORDER BY action")).toContainEqual({
        action: "open",
      });
      const hands = "SELECT is_open, closed_at > requested_at AS was_lowered FROM help_requests";
      await expect
        .poll(() => rows(hands), storesCatchUpWithin)
        .toEqual([{ is_open: false, was_lowered: true }]);
    });

    it("returns a point of each run from InfluxDB", async () => {
      const query = `SELECT "status", "duration", "cellIndex", "class" FROM student_progress
        WHERE "event" = 'cell_execution_complete' OR "event" = 'cell_execution_error'`;
      const point = { class: stack.classId, duration: expect.any(Number) };
      await expect
        .poll(() => influxQuery(timeSeries, "cell_monitor", query), storesCatchUpWithin)
        .toMatchObject([
          { ...point, status: "ok", cellIndex: good },
          { ...point, status: "ok", cellIndex: slow },
          { ...point, status: "error", cellIndex: raising },
        ]);
    });

    it("reconnects the dashboard by itself after the stack was killed, with everything still there", async () => {
      await stack.killGroup();
      await dashboard.untilLinkIsLost();
      await jupyter.runCell(good);
      await jupyter.untilStatus("waiting");
      const port = stack.port;
      stack = resources.use(await start(port));

      await dashboard.untilLink("live", reconnectsWithinMs);
      expect(serversOf(folder.path)).toHaveLength(1);
    });

    it("receives what the student did in between", async () => {
      await jupyter.untilStatus("connected");

      await expect
        .poll(() => dashboard.recentRuns(), shownWithin)
        .toEqual([
          { cellIndex: good, status: "ok" },
          { cellIndex: raising, status: "error" },
          { cellIndex: slow, status: "ok" },
          { cellIndex: good, status: "ok" },
        ]);
      await expect
        .poll(async () => (await runs()).map((row) => row["cell_index"]), storesCatchUpWithin)
        .toEqual([good, slow, raising, good]);
    });

    it("shows within 2 s that the student has left, and ends the session", async () => {
      await jupyter.leave();

      await expect
        .poll(() => dashboard.tile(student, { status: "away" }).isVisible(), shownWithin)
        .toBe(true);
      await expect
        .poll(() => rows("SELECT is_active FROM sessions"), storesCatchUpWithin)
        .toEqual([{ is_active: false }]);
    });

    it("has never run the cell that was not reached, nor thrown in a page", async () => {
      expect(await rows(`SELECT status FROM cell_executions WHERE cell_index = ${unreached}`)).toEqual([]);
      expect(browser.uncaughtErrors("dashboard")).toEqual([]);
      expect(browser.uncaughtErrors("jupyter")).toEqual([]);
    });

    function start(port = 0): Promise<StackProcess> {
      const environment = { ...database.environment, ...timeSeries.environment };
      return startStack({ dataDir: folder.path, port, environment });
    }

    function rows(text: string): Promise<readonly Row[]> {
      return database.query(stack, text);
    }

    function runs(): Promise<readonly Row[]> {
      return rows(`
        SELECT students.name AS student, notebooks.path, cells.cell_id, runs.cell_index::int,
          runs.execution_count::int, status, duration_ms, executed_at, finished_at,
          error_name, error_message, error_traceback, code_content, output
        FROM cell_executions AS runs
        JOIN students ON students.id = runs.student_id
        JOIN notebooks ON notebooks.id = runs.notebook_id
        JOIN cells ON cells.id = runs.cell_id
        WHERE finished_at IS NOT NULL
        ORDER BY runs.execution_count`);
    }
  },
);

function timeOf(row: Row | undefined, column: string): number {
  const value = row?.[column];
  return value instanceof Date ? value.getTime() : Number.NaN;
}
