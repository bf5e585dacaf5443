import type { Locator, Page } from "playwright-core";
import type { TestBrowser } from "./browser.ts";
import type { JupyterServer } from "./jupyter.ts";

const startsWithinMs = 60_000;

export type JoinRequest = Readonly<Record<"serverUrl" | "joinCode" | "name", string>>;

/** The page of a student with a notebook open. */
export class JupyterPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Resolves when the notebook can be run. */
  static async open(browser: TestBrowser, server: JupyterServer, notebook: string): Promise<JupyterPage> {
    const page = await browser.openPage("jupyter", { viewport: { width: 1280, height: 900 } });
    await page.goto(server.urlOf(notebook));
    await page
      .locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
      .waitFor({ timeout: startsWithinMs });
    return new JupyterPage(page);
  }

  async join(request: JoinRequest): Promise<void> {
    await this.askToJoin(request);
    await this.untilStatus("connected");
  }

  /** Fills in the dialog behind the status bar's indicator, and sends it. */
  async askToJoin({ serverUrl, joinCode, name }: JoinRequest): Promise<Locator> {
    await this.page.getByText("Cell Monitor: not joined").click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByLabel("Class server").fill(serverUrl);
    await dialog.getByLabel("Join code").fill(joinCode);
    await dialog.getByLabel("Your name").fill(name);
    await dialog.getByRole("button", { name: "Join" }).click();
    return dialog;
  }

  /** @param state of the status bar's indicator */
  async untilStatus(state: string): Promise<void> {
    await this.page
      .locator(`.jp-cell-monitor-Status[data-state="${state}"]`)
      .waitFor({ timeout: startsWithinMs });
  }

  async runAll(): Promise<void> {
    await this.page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await this.page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
  }

  async runCell(index: number): Promise<void> {
    await this.cell(index).locator(".cm-content").click();
    await this.page.keyboard.press("Control+Enter");
  }

  cell(index: number): Locator {
    return this.page.locator(".jp-Notebook .jp-Cell").nth(index);
  }

  output(index: number): Locator {
    return this.cell(index).locator(".jp-OutputArea-output");
  }

  get helpButton(): Locator {
    return this.page.locator(".jp-cell-monitor-Help");
  }

  /** Leaves JupyterLab, as by closing the tab. */
  async leave(): Promise<void> {
    await this.page.goto("about:blank");
  }
}
