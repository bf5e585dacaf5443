import { createForwarder, type InfluxVersion } from "./forward.ts";
import { createKeeper } from "./keep.ts";
import type { InfluxTarget } from "./target.ts";

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
