import { cellRoleSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Granted } from "../auth/claims.ts";
import type { Database } from "./database.ts";
import { Resource } from "./resource.ts";

/** From when to when, Unix ms; the last may still go on. */
export const lessonBreaksSchema = v.array(
  v.union([v.tuple([v.number(), v.number()]), v.tuple([v.number()])]),
);

export const referenceCellSchema = v.object({
  /** Place in the notebook, from 0. */
  index: v.number(),
  cellId: v.optional(v.string()),
  gradeId: v.optional(v.string()),
  sourceHash: v.optional(v.string()),
  role: cellRoleSchema,
});
export type ReferenceCell = v.InferOutput<typeof referenceCellSchema>;

const lessonRowSchema = v.object({
  id: v.string(),
  class_id: v.string(),
  title: v.string(),
  description: v.nullable(v.string()),
  planned_start: v.nullable(v.string()),
  planned_end: v.nullable(v.string()),
  started_at: v.nullable(v.string()),
  stopped_at: v.nullable(v.string()),
  breaks: lessonBreaksSchema,
  reference_notebook: v.nullable(v.string()),
  reference_size: v.nullable(v.number()),
  version: v.number(),
  created_at: v.string(),
  updated_at: v.string(),
});
export type LessonRow = v.InferOutput<typeof lessonRowSchema>;

/** Without the cells of their references, of which a list would be long. */
export const lessons = new Resource({
  table: "lessons",
  row: lessonRowSchema,
  columns: {
    id: "uuid",
    class_id: "uuid",
    title: "text",
    description: "text",
    planned_start: "timestamptz",
    planned_end: "timestamptz",
    started_at: "timestamptz",
    stopped_at: "timestamptz",
    breaks: "jsonb",
    reference_notebook: "text",
    reference_size: "integer",
    version: "bigint",
    created_at: "timestamptz",
    updated_at: "timestamptz",
  },
  classColumn: "class_id",
  order: "coalesce(started_at, planned_start) DESC NULLS FIRST, created_at DESC, id",
});

const referenceSchema = v.object({
  id: v.string(),
  class_id: v.string(),
  notebook: v.nullable(v.string()),
  cells: v.nullable(v.array(referenceCellSchema)),
});
export type Reference = v.InferOutput<typeof referenceSchema>;

const referenceColumns = "id, class_id, reference_notebook AS notebook, reference_cells AS cells";

function within(granted: Granted): [condition: string, parameters: unknown[]] {
  return granted.all ? ["true", []] : ["class_id = ANY ($2::uuid[])", [granted.ids]];
}

export async function findReference(db: Database, granted: Granted, lessonId: string) {
  const [condition, parameters] = within(granted);
  const [row] = await db.rows(
    referenceSchema,
    `SELECT ${referenceColumns} FROM lessons WHERE id = $1 AND ${condition}`,
    [lessonId, ...parameters],
  );
  return row;
}

/** @param reference undefined: the lesson refers to no notebook any more */
export async function setReference(
  db: Database,
  granted: Granted,
  lessonId: string,
  reference: { readonly notebook: string | undefined; readonly cells: readonly ReferenceCell[] } | undefined,
): Promise<Reference | undefined> {
  const [condition, parameters] = within(granted);
  const next = parameters.length + 2;
  const [row] = await db.rows(
    referenceSchema,
    `UPDATE lessons SET reference_notebook = $${next}, reference_cells = $${next + 1}::jsonb,
       version = version + 1, updated_at = now()
     WHERE id = $1 AND ${condition} RETURNING ${referenceColumns}`,
    [
      lessonId,
      ...parameters,
      reference?.notebook ?? null,
      reference === undefined ? null : JSON.stringify(reference.cells),
    ],
  );
  return row;
}
