import { fsyncSync } from "node:fs";

import { NodeFS } from "@electric-sql/pglite/nodefs";
import * as v from "valibot";

const OpenFile = v.object({ nfd: v.number() });

/**
 * PGlite's folder on disk, with an fsync that syncs. Emscripten's file system for Node has none, so PostgreSQL's own
 * would return at once and a commit would survive a killed process but not a power cut.
 */
export class DurableFS extends NodeFS {
  override async init(...args: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
    const result = await super.init(...args);
    result.emscriptenOpts.preRun?.push((module) => {
      Object.assign(operationsOf(module.NODEFS), { fsync });
    });
    return result;
  }
}

/** What PostgreSQL must be told to use it: `-F` is "no fsync", and fdatasync isn't wired to the file system. */
export function durableStartParams(defaults: readonly string[]): string[] {
  return [...defaults.filter((param) => param !== "-F"), "-c", "wal_sync_method=fsync"];
}

/** The operations on open files, themselves and not a copy: they are about to get one more. */
function operationsOf(nodeFiles: unknown): object {
  if (typeof nodeFiles === "object" && nodeFiles !== null && "stream_ops" in nodeFiles) {
    const operations: unknown = nodeFiles.stream_ops;
    if (typeof operations === "object" && operations !== null) return operations;
  }
  throw new Error("PGlite's file system is not what this version expects");
}

function fsync(stream: unknown): number {
  fsyncSync(v.parse(OpenFile, stream).nfd);
  return 0;
}
