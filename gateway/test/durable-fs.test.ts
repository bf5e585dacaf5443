import { PGlite } from "@electric-sql/pglite";
import { expect, it, onTestFinished, vi } from "vitest";

import { DurableFS, durableStartParams } from "../src/postgres/durable-fs.ts";
import { folderForTest } from "./gateways.ts";

const { syncedFiles } = vi.hoisted(() => ({ syncedFiles: { count: 0 } }));

vi.mock(import("node:fs"), async (importOriginal) => {
  const fs = await importOriginal();
  const fsyncSync = (fd: number): void => {
    syncedFiles.count++;
    fs.fsyncSync(fd);
  };
  return { ...fs, fsyncSync };
});

it("syncs a commit to the disk before it is answered", async () => {
  const pglite = await PGlite.create({
    fs: new DurableFS(await folderForTest()),
    startParams: durableStartParams(PGlite.defaultStartParams),
  });
  onTestFinished(() => pglite.close());
  await pglite.exec("CREATE TABLE t (x integer)");

  const before = syncedFiles.count;
  await pglite.query("SELECT * FROM t");
  expect(syncedFiles.count).toBe(before);
  await pglite.query("INSERT INTO t VALUES (1)");
  expect(syncedFiles.count).toBeGreaterThan(before);
});
