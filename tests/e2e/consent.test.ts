import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeWith } from "./support/binaries.ts";
import { TestBrowser } from "./support/browser.ts";
import { DashboardPage } from "./support/dashboard-page.ts";
import { temporaryFolder } from "./support/folders.ts";
import { JupyterPage } from "./support/jupyter-page.ts";
import { installExtension, jupyterLab, notebookOf, startJupyter } from "./support/jupyter.ts";
import { type StackProcess, startStack } from "./support/stack-process.ts";

const student = "Ada Lovelace";
const notebook = "lesson.ipynb";
const lesson = notebookOf("Numbers", ["1 + 1", "2 + 2"]);
const text = "We keep which cells you run.\n<b>Nobody else</b> sees it.";
const shownWithin = { timeout: 10_000 };

describeWith(["chromium", jupyterLab], "A student of a class that asks for consent, in JupyterLab", () => {
  const resources = new AsyncDisposableStack();
  let browser: TestBrowser;
  let stack: StackProcess;
  let jupyter: JupyterPage;
  let dashboard: DashboardPage;

  beforeAll(async () => {
    installExtension();
    stack = resources.use(await startStack({ dataDir: resources.use(temporaryFolder()).path }));
    const answer = await fetch(`${stack.url}/api/v1/classes/${stack.classId}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${stack.adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({ consent_text: text }),
    });
    if (!answer.ok) throw new Error(`The class takes no text: ${await answer.text()}`);
    const server = resources.use(
      await startJupyter(resources.use(temporaryFolder()).path, { [notebook]: lesson }),
    );
    browser = resources.use(await TestBrowser.launch());
    jupyter = await JupyterPage.open(browser, server, notebook);
    dashboard = await DashboardPage.logIn(browser, stack);
  });
  afterAll(() => resources.disposeAsync());
  beforeEach(({ onTestFailed, task }) => {
    onTestFailed(() => browser.keepEvidence(task.name));
  });

  const shows = (status: string) =>
    expect.poll(() => dashboard.tile(student, { status }).isVisible(), shownWithin).toBe(true);
  const choose = async (name: string) => {
    const dialog = jupyter.page.getByRole("dialog");
    await dialog.getByRole("button", { name, exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
  };

  it("is asked in the class's own words, which are only words", async () => {
    await jupyter.askToJoin({ serverUrl: stack.url, joinCode: stack.joinCode, name: student });
    const dialog = jupyter.page.getByRole("dialog").filter({ hasText: "What you share with your class" });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain(text);
  });

  it("who refuses is shown as not sharing, runs cells unseen, and can raise a hand", async () => {
    await choose("Don't share");
    await jupyter.untilStatus("private");
    await shows("not_sharing");
    await jupyter.runCell(1);
    await jupyter.output(1).waitFor();
    await jupyter.helpButton.click();
    await shows("help");
    await jupyter.helpButton.click();
    await shows("not_sharing");
    await dashboard.openStudent(student);
    expect(await dashboard.runCount()).toBe(0);
  });

  it("who agrees later is seen at work from then on", async () => {
    await jupyter.page.locator(".jp-cell-monitor-Status").click();
    await choose("Share");
    await jupyter.untilStatus("connected");
    await jupyter.runCell(2);
    await shows("active");
    await expect.poll(() => dashboard.runCount(), shownWithin).toBe(1);
    expect(browser.uncaughtErrors("dashboard")).toEqual([]);
  });
});
