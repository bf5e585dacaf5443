import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeWith } from "./support/binaries.ts";
import { artifactsFolder, TestBrowser } from "./support/browser.ts";
import { DashboardPage } from "./support/dashboard-page.ts";
import { temporaryFolder } from "./support/folders.ts";
import { startStack } from "./support/stack-process.ts";

const students = 30;

describeWith(["chromium"], "The dashboard of a class at work", () => {
  const resources = new AsyncDisposableStack();
  let browser: TestBrowser;
  let dashboard: DashboardPage;

  beforeAll(async () => {
    const dataDir = resources.use(temporaryFolder()).path;
    const stack = resources.use(await startStack({ dataDir, students }));
    browser = resources.use(await TestBrowser.launch());
    dashboard = await DashboardPage.logIn(browser, stack);
    mkdirSync(artifactsFolder, { recursive: true });
  });
  afterAll(() => resources.disposeAsync());
  beforeEach(({ onTestFailed, task }) => {
    onTestFailed(() => browser.keepEvidence(task.name));
  });

  it("shows every student of the class, and somebody who needs help before those who don't", async () => {
    const tiles = dashboard.page.getByTestId("student-tile");
    await expect.poll(() => tiles.count(), { timeout: 10_000 }).toBeGreaterThanOrEqual(students);

    const statuses = await tiles.evaluateAll((all) => all.map((tile) => tile.getAttribute("data-status")));
    const ranks = statuses.map((status) => ["help", "stuck", "error"].includes(status ?? ""));
    expect(ranks).toContain(true);
    expect(ranks.lastIndexOf(true)).toBeLessThan(ranks.indexOf(false));
  });

  it.each([
    ["desktop", { width: 1440, height: 900 }],
    ["tablet-landscape", { width: 1024, height: 768 }],
    ["tablet-portrait", { width: 820, height: 1180 }],
  ])("fits the width of a %s, in light and in dark", async (screen, viewport) => {
    const { page } = dashboard;
    await page.setViewportSize(viewport);
    await page.mouse.move(0, 0);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });

      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        viewport.width,
      );
      const path = join(artifactsFolder, `dashboard-${screen}-${colorScheme}.png`);
      await page.screenshot({ path, animations: "disabled" });
    }
    expect(browser.uncaughtErrors("dashboard")).toEqual([]);
  });
});
