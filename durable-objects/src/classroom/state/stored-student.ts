import { runStatusSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { compareOrder, type OrderKey } from "./order.ts";
import { type RunState, type StudentState, studentStateSchema } from "./student-state.ts";

/** A text by its place in the line's list of texts: sessions, notebooks and cells are named again and again. */
const name = v.nullable(v.number());
const value = v.nullable(v.number());
const key = [v.number(), v.number(), v.number()] as const;
const place = [name, name, value] as const;

const startedSchema = v.tuple([...key, ...place, name, value]);
const endedSchema = v.tuple([...key, ...place, v.number(), value, value, name, value]);
const runSchema = v.tuple([v.string(), v.number(), v.nullable(startedSchema), v.nullable(endedSchema)]);
const endSchema = v.tuple([...key, v.number(), v.number()]);

const lineSchema = v.object({
  texts: v.array(v.string()),
  runs: v.array(runSchema),
  ends: v.array(endSchema),
  done: v.array(v.number()),
  rest: v.omit(studentStateSchema, ["id", "runs", "ends", "doneCells"]),
});

const statuses = runStatusSchema.options;

/** A student as one line of a checkpoint. */
export function storeStudent(student: StudentState): string {
  const { id: _id, runs, ends, doneCells, ...rest } = student;
  const texts = new Map<string, number>();
  const nameOf = (text: string): number => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  const maybe = (text: string | undefined) => (text === undefined ? null : nameOf(text));
  const keyOf = ([timeMs, sequence, text]: OrderKey) => [timeMs, sequence, nameOf(text)] as const;
  const placeOf = (at: Pick<NonNullable<RunState["started"]>, "notebook" | "cellId" | "cellIndex">) =>
    [maybe(at.notebook), maybe(at.cellId), at.cellIndex ?? null] as const;
  const line: v.InferOutput<typeof lineSchema> = {
    runs: runs.map(({ executionId, slot, started, ended }) => [
      executionId,
      slot,
      started
        ? [...keyOf(started.key), ...placeOf(started), maybe(started.sessionId), started.version ?? null]
        : null,
      ended
        ? [
            ...keyOf(ended.key),
            ...placeOf(ended),
            statuses.indexOf(ended.status),
            ended.durationMs ?? null,
            ended.executionCount ?? null,
            maybe(ended.errorName),
            ended.version ?? null,
          ]
        : null,
    ]),
    ends: ends.map((end) => [...keyOf(end.key), nameOf(end.cell), Number(end.isError)]),
    done: doneCells.map(nameOf),
    rest,
    texts: [],
  };
  line.texts.push(...texts.keys());
  return JSON.stringify(line);
}

/** Reads what `storeStudent` wrote. */
export function restoreStudent(id: string, text: string): StudentState {
  const { texts, runs, ends, done, rest } = v.parse(lineSchema, JSON.parse(text));
  const textOf = (index: number) => texts[index] ?? "";
  const maybe = (index: number | null) => (index === null ? undefined : textOf(index));
  const keyOf = (timeMs: number, sequence: number, index: number): OrderKey => [
    timeMs,
    sequence,
    textOf(index),
  ];
  return {
    ...rest,
    id,
    runs: runs.map(([executionId, slot, start, end]): RunState => {
      const started = start && {
        key: keyOf(start[0], start[1], start[2]),
        notebook: maybe(start[3]),
        cellId: maybe(start[4]),
        cellIndex: start[5] ?? undefined,
        sessionId: maybe(start[6]),
        version: start[7] ?? undefined,
      };
      const ended = end && {
        key: keyOf(end[0], end[1], end[2]),
        notebook: maybe(end[3]),
        cellId: maybe(end[4]),
        cellIndex: end[5] ?? undefined,
        status: statuses[end[6]] ?? "killed",
        durationMs: end[7] ?? undefined,
        executionCount: end[8] ?? undefined,
        errorName: maybe(end[9]),
        version: end[10] ?? undefined,
      };
      const key = latestOf(started?.key, ended?.key);
      return { executionId, slot, key, ...(started && { started }), ...(ended && { ended }) };
    }),
    ends: ends.map(([timeMs, sequence, index, cell, isError]) => ({
      key: keyOf(timeMs, sequence, index),
      cell: textOf(cell),
      isError: isError === 1,
    })),
    doneCells: done.map(textOf),
  };
}

/** A run's own key is that of the later of its two events. */
function latestOf(started: OrderKey | undefined, ended: OrderKey | undefined): OrderKey {
  if (started && ended) return compareOrder(started, ended) > 0 ? started : ended;
  return started ?? ended ?? [0, 0, ""];
}
