import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import * as v from "valibot";

/** Nothing of ours: what the runtime itself takes to answer, and to read and parse the same bytes. */
const script = `export default {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/parse") return new Response("hello");
    return Response.json({ accepted: JSON.parse(await request.text()).events.length });
  },
};`;

export interface BareWorker extends AsyncDisposable {
  readonly url: string;
  readonly workerPid: number;
}

/** Starts the bare worker on a port of its own, past Miniflare's entry as the embedded stack runs its worker. */
export async function startBareWorker(port: number): Promise<BareWorker> {
  const folder = mkdtempSync(join(tmpdir(), "cell-monitor-bench-"));
  const pidFile = join(folder, "pid");
  const start = join(folder, "start.sh");
  writeFileSync(start, `#!/bin/sh\necho $$ >"${pidFile}"\nexec "${workerdBinary()}" "$@"\n`, { mode: 0o755 });
  process.env["MINIFLARE_WORKERD_PATH"] = start;
  const host = "127.0.0.1";
  const worker = { name: "bare", modules: true, script, compatibilityDate: "2026-11-01" };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host,
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      unsafeLocalExplorer: false,
      workers: [{ ...worker, unsafeDirectSockets: [{ host, port }] }],
    }),
  );
  await miniflare.ready;
  return {
    url: `http://${host}:${port}`,
    workerPid: Number(readFileSync(pidFile, "utf8")),
    [Symbol.asyncDispose]: async () => {
      await miniflare.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function workerdBinary(): string {
  const fromMiniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  return v.parse(v.object({ default: v.string() }), fromMiniflare("workerd")).default;
}
