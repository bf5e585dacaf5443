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

/** An answer in the shape of InfluxDB's own. */
export function influxAnswer(status: number, code: string, message: string): WriteAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code, message }) };
}
