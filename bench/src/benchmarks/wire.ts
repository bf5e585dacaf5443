import { gzipSync } from "node:zlib";

import { type Figure, Figures } from "../figures.ts";
import { bodyOf } from "../lesson.ts";
import { type Level, recordedEvents } from "../recorded-class.ts";
import type { Settings } from "../settings.ts";

const batchSizes = [1, 10, 100];
const levels = new Map<Level, string>([
  ["activity", ""],
  ["code", ", with code and output"],
]);

/** Bytes of a body that an event costs, of a class that was recorded. Headers of HTTP and TLS come on top. */
export function wire({ runs }: Settings): Promise<Figure[]> {
  const figures = new Figures();
  for (let run = 0; run < runs; run += 1) {
    for (const [level, label] of levels) {
      const events = recordedEvents(level, Date.now());
      for (const size of batchSizes) {
        const bodies = Array.from({ length: Math.max(1, Math.floor(events.length / size)) }, (_, index) =>
          bodyOf(events.slice(index * size, (index + 1) * size), Date.now()),
        );
        const count = Math.min(events.length, bodies.length * size);
        const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
        const plain = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
        figures.add(`batches of ${size}${label}, gzipped HTTP`, bytes / count, "bytes/event");
        figures.add(`batches of ${size}${label}, as a socket's frame`, plain / count, "bytes/event");
      }
    }
  }
  return Promise.resolve(figures.list());
}
