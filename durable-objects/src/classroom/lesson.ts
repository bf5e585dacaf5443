import { cellRoleSchema } from "@cell-monitor/protocol";
import * as v from "valibot";

const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const place = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A lesson may refer to this many cells; what a notebook has beyond them is counted with the students' own. */
const referenceCells = 500;

const referenceCellSchema = v.object({
  /** Place in the notebook, from 0. */
  index: place,
  cellId: v.optional(v.string()),
  gradeId: v.optional(v.string()),
  /** Of the source as it was handed out. */
  sourceHash: v.optional(v.string()),
  role: v.optional(cellRoleSchema, "exercise"),
});
export type ReferenceCell = v.InferOutput<typeof referenceCellSchema>;

const referenceSchema = v.object({
  /** File name of the notebook. Where it is known, cells of other notebooks are never taken for its by their order. */
  notebook: v.optional(v.string()),
  /** In their order: a check belongs to the exercise before it. */
  cells: v.pipe(v.array(referenceCellSchema), v.maxLength(referenceCells)),
});

/** A stretch of time that what a class knows of cells and errors is counted in. Times are the server's, Unix ms. */
export const lessonSchema = v.object({
  id: v.string(),
  title: v.optional(v.string()),
  startedMs: timeMs,
  stoppedMs: v.optional(timeMs),
  /** From when to when; the last may still go on. Their time is not counted in what students took. */
  breaks: v.optional(v.array(v.union([v.tuple([timeMs, timeMs]), v.tuple([timeMs])])), []),
  reference: v.optional(referenceSchema),
});
export type Lesson = v.InferOutput<typeof lessonSchema>;
