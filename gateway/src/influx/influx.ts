import { createForwarder, type InfluxVersion } from "./forward.ts";
import { createKeeper } from "./keep.ts";
import type { Point } from "./point.ts";

export interface WriteRequest {
  readonly bucket: string;
  readonly org: string | undefined;
  readonly precision: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** `Content-Encoding` of the body. */
  readonly encoding: string | undefined;
}

export interface WriteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What takes the points that are written: a store here, or a server elsewhere. */
export interface InfluxTarget {
  write(request: WriteRequest): Promise<WriteAnswer>;
  /** The points kept here, oldest first. */
  points(): readonly Point[];
  close(): Promise<void>;
}

export interface InfluxOptions {
  /** The server to forward to; without it the points are kept here. May carry `user:password@` for InfluxDB 1.x. */
  readonly influxUrl?: string | undefined;
  readonly influxVersion?: InfluxVersion | undefined;
  /** The token that server wants. */
  readonly influxUpstreamToken?: string | undefined;
  /** How many points are kept here; the oldest go first. */
  readonly maxPoints?: number | undefined;
}

export function createInflux(options: InfluxOptions, folder: string | undefined): Promise<InfluxTarget> {
  const { influxUrl, influxVersion = "auto", influxUpstreamToken: token, maxPoints = 200_000 } = options;
  if (influxUrl === undefined) return createKeeper({ folder, maxPoints });
  return Promise.resolve(createForwarder({ url: new URL(influxUrl), version: influxVersion, token }));
}

/** An answer in the shape of InfluxDB's own. */
export function influxAnswer(status: number, code: string, message: string): WriteAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code, message }) };
}
