import { join } from "node:path";

import * as v from "valibot";

import { inflate } from "./inflate.ts";
import { influxAnswer, type InfluxTarget, type WriteAnswer, type WriteRequest } from "./target.ts";
import { Journal } from "./journal.ts";
import { type ParsedPoint, parseLines, PRECISIONS } from "./line-protocol.ts";
import { PointStore } from "./point-store.ts";
import { showPoint, StoredPoint } from "./point.ts";

interface KeeperOptions {
  /** Without it the points are in memory only. */
  readonly folder: string | undefined;
  readonly maxPoints: number;
}

/** Keeps written points for inspection, as InfluxDB would: a point again overwrites itself, bad lines are named. */
export async function createKeeper({ folder, maxPoints }: KeeperOptions): Promise<InfluxTarget> {
  const store = new PointStore(maxPoints);
  let lines = 0;
  const journal =
    folder === undefined
      ? undefined
      : await Journal.open(join(folder, "points.jsonl"), (line) => {
          lines++;
          store.add(v.parse(StoredPoint, JSON.parse(line)));
        });

  async function keep(points: readonly StoredPoint[]): Promise<void> {
    await journal?.append(points.map((point) => JSON.stringify(point)));
    lines += points.length;
    if (lines <= maxPoints * 2) return;
    lines = store.size;
    await journal?.rewrite(() => Array.from(store.values(), (point) => JSON.stringify(point)));
  }

  async function write({ body, encoding, bucket, precision: name }: WriteRequest): Promise<WriteAnswer> {
    const precision = PRECISIONS.get(name);
    if (precision === undefined) {
      return influxAnswer(400, "invalid", "invalid precision; valid precision units are ns, us, ms, and s");
    }
    const text = await inflate(body, encoding);
    if (typeof text !== "string") return influxAnswer(text.status, text.code, text.message);
    const { points, problems } = parseLines(text, precision);
    const conflicts: string[] = [];
    const kept: StoredPoint[] = [];
    for (const point of points) {
      const stored = toStored(point, bucket);
      const conflict = store.add(stored);
      if (conflict === undefined) kept.push(stored);
      else conflicts.push(conflict);
    }
    await keep(kept);
    if (problems.length > 0) {
      const message = [...problems, ...conflicts].join("\n");
      return influxAnswer(400, "invalid", kept.length > 0 ? `partial write: ${message}` : message);
    }
    if (conflicts.length > 0) {
      const message = `partial write: ${conflicts.join("\n")} dropped=${conflicts.length}`;
      return influxAnswer(422, "unprocessable entity", `failure writing points to database: ${message}`);
    }
    return { status: 204, headers: {}, body: "" };
  }

  return {
    write,
    points: () => Array.from(store.values(), showPoint),
    close: async () => journal?.close(),
  };
}

function toStored({ measurement, tags, fields, timestamp }: ParsedPoint, bucket: string): StoredPoint {
  const nanoseconds = timestamp ?? BigInt(Date.now()) * 1_000_000n;
  return { bucket, measurement, tags, fields, timestamp: nanoseconds.toString() };
}
