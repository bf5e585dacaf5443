import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeWith } from "./support/binaries.ts";
import { TestBrowser } from "./support/browser.ts";
import { DashboardPage } from "./support/dashboard-page.ts";
import { temporaryFolder } from "./support/folders.ts";
import { JupyterPage } from "./support/jupyter-page.ts";
import { installExtension, jupyterLab, notebookOf, startJupyter } from "./support/jupyter.ts";
import { startStack } from "./support/stack-process.ts";

const student = "Ada Lovelace";
const notebook = "lesson.ipynb";
const reply = "<b>Look</b> at cell 1,\nplease";
const shownWithin = { timeout: 5_000 };

describeWith(["chromium", jupyterLab], "What an instructor says, in a student's JupyterLab", () => {
  const resources = new AsyncDisposableStack();
  let browser: TestBrowser;
  let jupyter: JupyterPage;
  let dashboard: DashboardPage;

  beforeAll(async () => {
    installExtension();
    const stack = resources.use(await startStack({ dataDir: resources.use(temporaryFolder()).path }));
    const files = { [notebook]: notebookOf("Numbers", ["1 + 1"]) };
    const server = resources.use(await startJupyter(resources.use(temporaryFolder()).path, files));
    browser = resources.use(await TestBrowser.launch());
    jupyter = await JupyterPage.open(browser, server, notebook);
    await jupyter.join({ serverUrl: stack.url, joinCode: stack.joinCode, name: student });
    dashboard = await DashboardPage.logIn(browser, stack);
    await dashboard.openStudent(student);
  });
  afterAll(() => resources.disposeAsync());
  beforeEach(({ onTestFailed, task }) => {
    onTestFailed(() => browser.keepEvidence(task.name));
  });

  it("says on the help button who is on the way, and lets the hand sink when it is resolved", async () => {
    const label = () => jupyter.helpButton.textContent();
    await jupyter.helpButton.click();
    await expect.poll(label, shownWithin).toBe("Help requested (no. 1 in line)");

    await dashboard.page.getByRole("button", { name: "I'm on my way" }).click();
    await expect.poll(label, shownWithin).toMatch(/ is on the way$/);
    expect(await jupyter.page.locator(".jp-cell-monitor-Status").textContent()).toContain("on the way");

    await dashboard.page.getByRole("button", { name: "Resolved" }).click();
    await expect.poll(label, shownWithin).toBe("Help");
  });

  it("shows a reply at once, while nothing is sent, as the text that it is", async () => {
    await dashboard.page.getByLabel(`Write to ${student}`).fill(reply);
    await dashboard.page.keyboard.press("Control+Enter");

    await expect.poll(() => replies(), shownWithin).toEqual([expect.stringContaining(reply)]);
    await dashboard.page.getByText("Delivered.").waitFor();
  });

  it("shows a long announcement shortened, and all of it when asked", async () => {
    const end = "the end of it.";
    await dashboard.page.getByText("Announce", { exact: true }).click();
    await dashboard.page
      .getByLabel("Write to the whole class")
      .fill(`${"Five minutes to go. ".repeat(20)}${end}`);
    await dashboard.page.keyboard.press("Control+Enter");

    await jupyter.page.getByRole("button", { name: "Read all" }).click();
    const dialog = jupyter.page.getByRole("dialog");
    await expect.poll(() => dialog.textContent(), shownWithin).toContain(end);
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  it("shows nothing a second time after a reload", async () => {
    await jupyter.page.reload();
    await jupyter.untilStatus("connected");
    await dashboard.page.getByLabel(`Write to ${student}`).fill("Another");
    await dashboard.page.keyboard.press("Control+Enter");

    await expect.poll(() => replies(), shownWithin).toEqual([expect.stringContaining("Another")]);
  });

  /** What is shown of what was written to the student alone. */
  function replies(): Promise<string[]> {
    return jupyter.page.locator(".jp-toast-message", { hasText: "to you:" }).allInnerTexts();
  }
});
