import type { Locator, Page } from "playwright-core";
import type { Announcement } from "./stack-process.ts";
import type { TestBrowser } from "./browser.ts";

const startsWithinMs = 20_000;

/** The page of an instructor. */
export class DashboardPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Follows the login link and clicks, as one who was sent it. */
  static async logIn(browser: TestBrowser, { loginUrl }: Announcement): Promise<DashboardPage> {
    const page = await browser.openPage("dashboard", { viewport: { width: 1440, height: 900 } });
    await page.goto(loginUrl);
    await page.getByRole("button", { name: "Sign in" }).click();
    const dashboard = new DashboardPage(page);
    await dashboard.untilLink("live", startsWithinMs);
    return dashboard;
  }

  /** A student's tile, which is in this state. */
  tile(name: string, state: { readonly status?: string; readonly cellIndex?: number } = {}): Locator {
    const status = state.status === undefined ? "" : `[data-status="${state.status}"]`;
    const cellIndex = state.cellIndex === undefined ? "" : `[data-cell-index="${state.cellIndex}"]`;
    return this.page.locator(`[data-testid="student-tile"]${status}${cellIndex}`, { hasText: name });
  }

  /** When something is there for the first time, to the frame: Unix ms, or NaN if the page is closed before. */
  async firstShown(selector: string): Promise<number> {
    const look = (css: string): number => (document.querySelector(css) === null ? 0 : Date.now());
    const options = { polling: "raf", timeout: 0 } as const;
    try {
      const seen = await this.page.waitForFunction(look, selector, options);
      return await seen.jsonValue();
    } catch {
      return Number.NaN;
    }
  }

  /** @param state by the dashboard's own word: `live`, `connecting`, `offline` */
  async untilLink(state: string, timeoutMs: number): Promise<void> {
    await this.page
      .locator(`[data-testid="live-state"][data-state="${state}"]`)
      .waitFor({ timeout: timeoutMs });
  }

  async untilLinkIsLost(): Promise<void> {
    await this.page.locator('[data-testid="live-state"]:not([data-state="live"])').waitFor();
  }

  async openStudent(name: string): Promise<void> {
    await this.tile(name).click();
    await this.page.getByTestId("student-panel").waitFor();
  }

  /** How many runs the open student is said to have made. */
  async runCount(): Promise<number> {
    const fact = this.page.getByTestId("student-panel").locator("dl > div", { hasText: /^Runs/ });
    return Number(await fact.locator("dd").textContent());
  }

  /** The open student's runs, the latest first. */
  async recentRuns(): Promise<readonly { readonly cellIndex: number; readonly status: string }[]> {
    const items = await this.page.getByTestId("recent-run").all();
    return Promise.all(
      items.map(async (item) => ({
        cellIndex: Number(await item.getAttribute("data-cell-index")),
        status: String(await item.getAttribute("data-status")),
      })),
    );
  }
}
