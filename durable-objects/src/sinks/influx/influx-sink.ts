import { InfluxDB } from "@influxdata/influxdb-client";
import type { Sink } from "../sink.ts";
import { outcomeOf } from "./outcome.ts";
import { pointOf } from "./point.ts";

const requestTimeoutMs = 8_000;

export interface InfluxSinkOptions {
  readonly classId: string;
  readonly url: string;
  readonly token: string;
  readonly org: string;
  readonly bucket: string;
  /** A name for a student that says nothing of who it is; see `createPseudonyms`. */
  pseudonymOf(studentId: string): Promise<string>;
}

/** Writes a class's events to InfluxDB: a batch is one request, and writing it again overwrites the same points. */
export function createInfluxSink(options: InfluxSinkOptions): Sink {
  const { classId, url, token, org, bucket, pseudonymOf } = options;
  return {
    name: "influx",
    async write(batch, signal) {
      if (batch.length === 0) return { kind: "written" };
      const points = await Promise.all(
        batch.map(async (logged) => pointOf(logged, classId, await pseudonymOf(logged.studentId))),
      );
      const client = new InfluxDB({ url, token, timeout: requestTimeoutMs, transportOptions: { signal } });
      const writer = client.getWriteApi(org, bucket, "ns", {
        // The log owns the retry: the client's own would send lines again that the log has moved on from.
        maxRetries: 0,
        flushInterval: 0,
        // A full buffer would be sent at once and its failure swallowed: only `close` may send.
        batchSize: points.length + 1,
        maxBatchBytes: Number.MAX_SAFE_INTEGER,
        // Handed on to `close`; without it the client prints the error, too.
        writeFailed: (error) => Promise.reject(error),
      });
      writer.writePoints(points);
      try {
        await writer.close();
        return { kind: "written" };
      } catch (error) {
        return outcomeOf(error);
      }
    },
  };
}
