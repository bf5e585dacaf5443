import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Commits a second of one small row each, as the disk of this machine takes them: what no class can exceed. */
export function rawCommitsPerSecond(forMs: number): number {
  const folder = mkdtempSync(join(tmpdir(), "cell-monitor-bench-"));
  try {
    const database = new DatabaseSync(join(folder, "raw.sqlite"));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (body TEXT)");
    const insert = database.prepare("INSERT INTO log (body) VALUES (?)");
    const body = "x".repeat(400);
    const startMs = performance.now();
    let commits = 0;
    while (performance.now() - startMs < forMs) {
      insert.run(body);
      commits += 1;
    }
    const perSecond = (commits / (performance.now() - startMs)) * 1000;
    database.close();
    return perSecond;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
