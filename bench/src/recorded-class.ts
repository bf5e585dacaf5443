import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorFingerprint } from "@cell-monitor/protocol";
import * as v from "valibot";

import type { SentEvent } from "./lesson.ts";

const runSchema = v.object({
  source: v.string(),
  sourceHash: v.string(),
  durationMs: v.number(),
  result: v.string(),
  error: v.optional(
    v.object({ name: v.string(), message: v.string(), traceback: v.string(), line: v.number() }),
  ),
});
type RecordedRun = v.InferOutput<typeof runSchema>;

const cellSchema = v.object({
  id: v.string(),
  tags: v.optional(v.array(v.string()), []),
  right: v.optional(runSchema),
  mistakes: v.optional(v.array(runSchema), []),
});

const courseSchema = v.object({
  notebooks: v.array(v.object({ path: v.string(), cells: v.array(cellSchema) })),
});

/** What real kernels answered to the cells of a course, right and wrong. */
const file = new URL("../../local/src/simulator/course/course.json", import.meta.url);

export type Level = "activity" | "code";

/** The events of one student who works through the course, each run a start and an end, as their client numbers them. */
export function recordedEvents(level: Level, startMs: number): SentEvent[] {
  const { notebooks } = v.parse(courseSchema, JSON.parse(readFileSync(file, "utf8")));
  const [sessionId, kernelId] = [randomUUID(), randomUUID()];
  const drafts = notebooks.flatMap(({ path, cells }) =>
    cells.flatMap((cell, cellIndex) => {
      const runs = [...cell.mistakes, ...(cell.right ? [cell.right] : [])];
      const place = { notebookPath: path, cellId: cell.id, cellIndex, cellType: "code", cellTags: cell.tags };
      return runs.map((run) => ({ run, place: { ...place, kernelName: "python3", kernelId } }));
    }),
  );
  return drafts.flatMap(({ run, place }, index) => {
    const atMs = startMs + index * 30_000;
    const shared = {
      ...place,
      executionId: randomUUID(),
      sourceHash: run.sourceHash,
      executionCount: index + 1,
      startedAt: new Date(atMs).toISOString(),
      ...(level === "code" && { code: run.source }),
    };
    const numbered = (half: number, timeMs: number, fields: SentEvent): SentEvent => ({
      eventId: randomUUID(),
      eventTime: new Date(timeMs).toISOString(),
      sessionId,
      sequence: 2 * index + half,
      ...fields,
    });
    const endMs = atMs + run.durationMs;
    return [
      numbered(1, atMs, { eventType: "cell_execution_start", ...shared }),
      numbered(2, endMs, { ...shared, ...endOf(run, level), finishedAt: new Date(endMs).toISOString() }),
    ];
  });
}

function endOf({ durationMs, result, error }: RecordedRun, level: Level): SentEvent {
  const withText = level === "code";
  return {
    eventType: error ? "cell_execution_error" : "cell_execution_complete",
    status: error ? "error" : "ok",
    executionDurationMs: durationMs,
    ...(withText && result !== "" && { result, outputTypes: ["text/plain"] }),
    ...(error && {
      hasError: true,
      errorName: error.name,
      errorFingerprint: errorFingerprint({
        errorName: error.name,
        errorMessage: error.message,
        errorTraceback: error.traceback,
      }),
    }),
    ...(error &&
      withText && { errorMessage: error.message, errorTraceback: error.traceback, errorLine: error.line }),
  };
}
