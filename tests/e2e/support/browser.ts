import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { requireBinary } from "./binaries.ts";
import { checkout } from "./stack-process.ts";

/** Where a failed test leaves what its pages looked like. */
export const artifactsFolder = join(checkout, "tests", ".artifacts");

interface OpenPage {
  readonly name: string;
  readonly page: Page;
  readonly console: string[];
}

/** A headless Chromium. Each page has a context of its own: other cookies, another storage, another person. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #pages: OpenPage[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<TestBrowser> {
    const quiet = [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    // Chromium's sandbox refuses to run as root, which is what containers run everything as.
    const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const executablePath = requireBinary("chromium");
    return new TestBrowser(await chromium.launch({ executablePath, args: [...quiet, ...asRoot] }));
  }

  /** @param name by which a failure's pictures are told apart */
  async openPage(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ locale: "en-US", ...options });
    const page = await context.newPage();
    const console: string[] = [];
    page.on("console", (message) => console.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => console.push(`uncaught: ${error.stack ?? error.message}`));
    this.#pages.push({ name, page, console });
    return page;
  }

  /** What went wrong by itself in the pages of this name. */
  uncaughtErrors(name: string): readonly string[] {
    return this.#pages
      .filter((open) => open.name === name)
      .flatMap(({ console }) => console.filter((line) => line.startsWith("uncaught: ")));
  }

  /** Saves a picture and the console of every page. */
  async keepEvidence(test: string): Promise<void> {
    mkdirSync(artifactsFolder, { recursive: true });
    for (const { name, page, console } of this.#pages) {
      const file = join(artifactsFolder, `${test.replaceAll(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80)}.${name}`);
      writeFileSync(`${file}.log`, [page.url(), ...console, ""].join("\n"));
      await page.screenshot({ path: `${file}.png` });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
