import { Point } from "@influxdata/influxdb-client";
import type { LoggedEvent } from "../sink.ts";

const measurement = "student_progress";

// What 64 bits of nanoseconds hold, in whole milliseconds: 1677 to 2262.
const minMs = -9_223_372_036_853;
const maxMs = 9_223_372_036_853;
const nanosecondsPerMs = 1_000_000;

/** An event as a point. Durations are in milliseconds. */
export function pointOf({ event, timeMs, version }: LoggedEvent, classId: string, pseudonym: string): Point {
  const point = new Point(measurement)
    .tag("class", classId)
    .tag("userId", pseudonym)
    .tag("event", event.eventType)
    .timestamp(timestampOf(timeMs, version))
    // A point needs a field, and some events have none of the others.
    .intField("count", 1);
  const { notebookPath, cellType } = event;
  if (notebookPath) point.tag("notebook", tagText(nameOf(notebookPath)));
  if (cellType) point.tag("cellType", cellType);

  for (const field of [
    "cellId",
    "notebookPath",
    "sessionId",
    "executionId",
    "status",
    "errorName",
    "errorFingerprint",
  ] as const) {
    const value = event[field];
    if (value !== undefined) point.stringField(field, fieldText(value));
  }
  for (const field of ["cellIndex", "executionCount", "passed", "total"] as const) {
    const value = event[field];
    if (value !== undefined) point.intField(field, value);
  }
  if (event.status !== undefined) point.booleanField("success", event.status === "ok");
  if (event.executionDurationMs !== undefined) point.floatField("duration", event.executionDurationMs);
  if (event.queuedMs !== undefined) point.floatField("queued", event.queuedMs);
  return point;
}

/**
 * Nanoseconds: points of one series and time overwrite each other, so the digits below a millisecond tell the events
 * of one apart, and are the same whenever the event is sent again.
 */
function timestampOf(timeMs: number, version: number): string {
  const storableMs = Math.min(Math.max(Math.round(timeMs), minMs), maxMs);
  return String(BigInt(storableMs) * BigInt(nanosecondsPerMs) + BigInt(version % nanosecondsPerMs));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || path;
}

// Line protocol is split into lines before it is read by some servers, quotes or not.
const control = /\p{Cc}/gu;

/** Servers don't agree on what a backslash in a tag escapes, and a last one would swallow the separator. */
function tagText(text: string): string {
  return fieldText(text).replaceAll("\\", "/");
}

function fieldText(text: string): string {
  return text.replace(control, "\uFFFD");
}
