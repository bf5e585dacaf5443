import { type CellRole, limits, repairText, sourceHashOf } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { ReferenceCell } from "../queries/lessons.ts";

/** A lesson can refer to this many cells of code. */
const mostCells = 500;

const metadataSchema = v.object({
  tags: v.optional(v.fallback(v.array(v.string()), []), []),
  nbgrader: v.optional(
    v.fallback(
      v.nullable(
        v.object({
          grade_id: v.optional(v.string()),
          grade: v.optional(v.boolean(), false),
          solution: v.optional(v.boolean(), false),
          task: v.optional(v.boolean(), false),
          locked: v.optional(v.boolean(), false),
        }),
      ),
      null,
    ),
    null,
  ),
});
type Metadata = v.InferOutput<typeof metadataSchema>;

const cellSchema = v.object({
  cell_type: v.picklist(["code", "markdown", "raw"]),
  id: v.optional(v.string()),
  source: v.union([v.string(), v.array(v.string())], "must be text, or a list of lines"),
  metadata: v.optional(metadataSchema, {}),
});

/** As much of a notebook as a reference is made of. */
export const notebookSchema = v.object({
  nbformat: v.literal(4, "must be a notebook of format 4; open and save it in JupyterLab to convert it"),
  nbformat_minor: v.pipe(v.number(), v.integer(), v.minValue(0)),
  cells: v.pipe(v.array(cellSchema), v.maxLength(10_000)),
});
type Notebook = v.InferOutput<typeof notebookSchema>;

interface Reference {
  readonly cells: readonly ReferenceCell[];
  readonly leftOut: number;
}

/** What a lesson keeps of its notebook: of each cell of code how copies of it are known, and what it is for. */
export function referenceOf({ cells }: Notebook): Reference {
  const marked = cells.map(({ metadata }) => markedRole(metadata));
  // Where exercises are marked, what isn't marked is there to help.
  const usual: CellRole = marked.includes("exercise") ? "scaffold" : "exercise";
  const code = cells.flatMap(({ cell_type, id, source, metadata }, index): ReferenceCell[] => {
    if (cell_type !== "code") return [];
    const gradeId = metadata.nbgrader?.grade_id;
    return [
      {
        index,
        ...(isNameable(id) && { cellId: id }),
        ...(isNameable(gradeId) && { gradeId }),
        sourceHash: sourceHashOf(typeof source === "string" ? source : source.join("")),
        role: marked[index] ?? usual,
      },
    ];
  });
  return { cells: code.slice(0, mostCells), leftOut: Math.max(0, code.length - mostCells) };
}

/** Events name cells by no longer ids, and by none that cannot be stored. */
function isNameable(id: string | undefined): id is string {
  return id !== undefined && id !== "" && id.length <= limits.idLength && repairText(id) === id;
}

const rolesByTag: Readonly<Record<string, CellRole>> = {
  exercise: "exercise",
  solution: "exercise",
  check: "check",
  test: "check",
  tests: "check",
  scaffold: "scaffold",
  setup: "scaffold",
  example: "scaffold",
  optional: "optional",
  bonus: "optional",
  challenge: "optional",
  "raises-exception": "expected_error",
};

/** In the order in which they win where a cell has several. */
const precedence: readonly CellRole[] = ["expected_error", "optional", "check", "exercise", "scaffold"];

function markedRole({ tags, nbgrader }: Metadata): CellRole | undefined {
  const named = new Set(
    tags.flatMap((tag) => {
      const key = tag.trim().toLowerCase();
      return Object.hasOwn(rolesByTag, key) ? [rolesByTag[key]] : [];
    }),
  );
  const byTag = precedence.find((role) => named.has(role));
  if (byTag !== undefined || nbgrader === null) return byTag;
  // What is graded and solved in one cell is marked by hand: an exercise without a check.
  if (nbgrader.solution || nbgrader.task) return "exercise";
  return nbgrader.grade ? "check" : nbgrader.locked ? "scaffold" : undefined;
}
