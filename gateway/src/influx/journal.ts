import { mkdir, open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A file of lines that is only appended to. What `append` resolved for is on disk: it is synced before, once for all
 * that came while the last sync was under way.
 */
export class Journal {
  readonly #path: string;
  #file: FileHandle;
  #lengthBytes: number;
  #waiting: string[] = [];
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, lengthBytes: number) {
    this.#path = path;
    this.#file = file;
    this.#lengthBytes = lengthBytes;
  }

  /** Opens or makes the file and hands over its lines. One that a crash cut short was never promised, and is cut off. */
  static async open(path: string, onLine: (line: string) => void): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a+");
    let rest = Buffer.alloc(0);
    let lengthBytes = 0;
    for await (const chunk of file.createReadStream({ autoClose: false, start: 0 })) {
      rest = Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = rest.indexOf(LINE_BREAK); end !== -1; end = rest.indexOf(LINE_BREAK, start)) {
        onLine(rest.toString("utf8", start, end));
        start = end + 1;
      }
      lengthBytes += start;
      rest = rest.subarray(start);
    }
    if (rest.length > 0) await file.truncate(lengthBytes);
    await syncFolder(dirname(path));
    return new Journal(path, file, lengthBytes);
  }

  /** Lines must hold no line break. */
  append(lines: readonly string[]): Promise<void> {
    this.#waiting.push(...lines);
    return this.#next(() => this.#flush());
  }

  /** Puts these lines in the place of all that was appended; a crash leaves the old file or the new one. */
  rewrite(lines: () => Iterable<string>): Promise<void> {
    return this.#next(() => this.#rewrite(lines()));
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  /** One piece of work at a time; a failed one fails its own caller only. */
  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #flush(): Promise<void> {
    // Lines that a failed flush took are lost with it, as its callers were told.
    const bytes = Buffer.from(this.#waiting.map((line) => `${line}\n`).join(""));
    this.#waiting = [];
    if (bytes.length === 0) return;
    try {
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
      this.#lengthBytes += bytes.length;
    } catch (error) {
      await this.#file.truncate(this.#lengthBytes);
      throw error;
    }
  }

  async #rewrite(lines: Iterable<string>): Promise<void> {
    const path = `${this.#path}.new`;
    const bytes = Buffer.from([...lines].map((line) => `${line}\n`).join(""));
    const file = await open(path, "w");
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    await rename(path, this.#path);
    await syncFolder(dirname(path));
    await this.#file.close();
    this.#file = await open(this.#path, "a+");
    this.#lengthBytes = bytes.length;
  }
}

/** A file's name is on disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}

const LINE_BREAK = 0x0a;
