import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { type FolderLock, lockFolder } from "@cell-monitor/gateway";
import * as v from "valibot";

import { StackError } from "./stack-error.ts";

const markerFile = "cell-monitor.json";
const lockFile = "lock.sqlite";

/** Locks that are held: one that nobody refers to would be dropped by the garbage collector. */
const held = new Set<FolderLock>();

/** The folder in which a stack keeps everything, held by this process alone until it is released. */
export class DataFolder {
  readonly path: string;
  readonly #lock: FolderLock;

  private constructor(path: string, lock: FolderLock) {
    this.path = path;
    this.#lock = lock;
    held.add(lock);
  }

  /**
   * Makes the folder if need be, and takes it. The lock is the operating system's and goes with the process, so
   * a killed stack leaves none behind.
   */
  static open(folder: string): DataFolder {
    const path = resolve(folder);
    const marker = join(path, markerFile);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const entries = readdirSync(path).filter((name) => !name.startsWith(lockFile));
    if (entries.length > 0 && !existsSync(marker)) {
      throw new StackError(`${path} holds something else: name another folder with --data.`);
    }
    chmodSync(path, 0o700);
    const lock = lockFolder(path, lockFile);
    if (lock === undefined) {
      throw new StackError(
        `A stack is already running on ${path}: end it first, or name another folder with --data.`,
      );
    }
    if (!existsSync(marker)) writeFileSync(marker, `${JSON.stringify({ dataFolderOf: "cell-monitor" })}\n`);
    return new DataFolder(path, lock);
  }

  /** Removes everything but the lock and the sign whose folder it is. */
  wipe(): void {
    for (const name of readdirSync(this.path)) {
      if (name !== markerFile && !name.startsWith(lockFile)) {
        rmSync(join(this.path, name), { recursive: true, force: true });
      }
    }
  }

  /** The path of a folder in it, which is made. */
  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** What `write` kept under this name. */
  read<Schema extends v.GenericSchema>(name: string, schema: Schema): v.InferOutput<Schema> | undefined {
    const path = join(this.path, name);
    if (!existsSync(path)) return undefined;
    const parsed = v.safeParse(schema, parseJson(readFileSync(path, "utf8")));
    if (!parsed.success) throw new StackError(`${path} is damaged: mend it, or start anew with --reset.`);
    return parsed.output;
  }

  /** Keeps a value readable by this user alone. The rename makes it whole or not at all. */
  write(name: string, value: unknown): void {
    const path = join(this.path, name);
    const fresh = `${path}.${randomBytes(4).toString("hex")}`;
    writeFileSync(fresh, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(fresh, path);
  }

  remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
  }

  release(): void {
    held.delete(this.#lock);
    this.#lock.release();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
