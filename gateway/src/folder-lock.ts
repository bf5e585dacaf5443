import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface FolderLock {
  release(): void;
}

/**
 * Takes a folder for this process alone, or returns undefined when somebody else has it.
 *
 * The lock is SQLite's own lock on a file in the folder: the operating system drops it with the process, so a
 * process that was killed leaves nothing stale behind, and no process id can be mistaken for another's.
 */
export function lockFolder(folder: string, file = "lock.sqlite"): FolderLock | undefined {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, file), { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

const SQLITE_BUSY = 5;
