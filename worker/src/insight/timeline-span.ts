import { accept, refuse, type Result, type timelineBuckets } from "@cell-monitor/protocol";

type Bucket = (typeof timelineBuckets)[number];

export interface TimelineSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucket: Bucket;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const defaultMs = 3 * hourMs;

/** From the finest on, and the longest span that each may cut up. */
const buckets: readonly (readonly [Bucket, lengthMs: number, longestMs: number])[] = [
  ["minute", minuteMs, dayMs],
  ["hour", hourMs, 31 * dayMs],
  ["day", dayMs, 400 * dayMs],
];

interface Asked {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly bucket?: Bucket | undefined;
}

/** What is asked for, in whole buckets, and no more of them than can be looked at. */
export function timelineSpan({ from, to, bucket }: Asked, nowMs: number): Result<TimelineSpan> {
  const toMs = to === undefined ? nowMs : Date.parse(to);
  const fromMs = from === undefined ? toMs - defaultMs : Date.parse(from);
  if (fromMs >= toMs) return wrong("from", "must be before to");
  const chosen = buckets.find(
    ([name, , longestMs]) => (bucket === undefined || name === bucket) && toMs - fromMs <= longestMs,
  );
  if (!chosen)
    return wrong("from", `is too long before to${bucket === undefined ? "" : ` for a ${bucket} each`}`);
  const [name, lengthMs] = chosen;
  return accept({
    fromMs: Math.floor(fromMs / lengthMs) * lengthMs,
    toMs: Math.ceil(toMs / lengthMs) * lengthMs,
    bucket: name,
  });
}

function wrong(field: string, message: string) {
  return refuse("invalid_body", `The query is not right: ${field}: ${message}`, {
    details: [{ field, message }],
  });
}
