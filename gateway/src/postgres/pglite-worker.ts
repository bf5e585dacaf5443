/**
 * The thread PGlite lives in: PostgreSQL's wire protocol comes in as messages and goes out as messages, so a long
 * statement never holds up the server's own loop.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";

import { PGlite } from "@electric-sql/pglite";
import * as v from "valibot";

import { DurableFS, durableStartParams } from "./durable-fs.ts";
import { WorkerData, WorkerRequest, type WorkerReply } from "./pglite-messages.ts";

if (parentPort === null) throw new Error("pglite-worker runs as a worker thread only");
const port = parentPort;
const { folder, modules } = v.parse(WorkerData, workerData);
const pglite = await open();

let queue = Promise.resolve();
port.on("message", (message: unknown) => {
  const request = v.parse(WorkerRequest, message);
  queue = queue.then(() => answer(request));
});
port.postMessage({ kind: "ready" } satisfies WorkerReply);

async function open(): Promise<PGlite> {
  if (folder === undefined) return PGlite.create(modules);
  // The first start makes the database beside its place: one that was killed half-way is made anew, not opened.
  if (!existsSync(join(folder, "PG_VERSION"))) {
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    await (await openOnDisk(unfinished)).close();
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  }
  return openOnDisk(folder);
}

function openOnDisk(path: string): Promise<PGlite> {
  return PGlite.create({
    ...modules,
    fs: new DurableFS(path),
    startParams: durableStartParams(PGlite.defaultStartParams),
  });
}

async function answer(request: WorkerRequest): Promise<void> {
  if (request.kind === "close") {
    await pglite.close();
    port.close();
    return;
  }
  // PGlite has one session. A connection that opens finds what the last one left, unless it is cleared away.
  if (isStartup(request.bytes)) {
    await pglite.exec("ROLLBACK");
    await pglite.exec("DISCARD ALL");
  }
  // A copy, because the answer may be a view of PGlite's own buffer, and what is transferred is gone here.
  const bytes = Uint8Array.from(await pglite.execProtocolRaw(request.bytes));
  port.postMessage({ kind: "bytes", id: request.id, bytes } satisfies WorkerReply, [bytes.buffer]);
}

/** The startup packet alone has no letter in front: it begins with its length, below 16 MiB. */
function isStartup(bytes: Uint8Array): boolean {
  return bytes[0] === 0;
}
