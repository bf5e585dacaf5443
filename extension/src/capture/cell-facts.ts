import * as v from "valibot";
import type { EventDraft } from "@cell-monitor/client";
import { limits } from "@cell-monitor/protocol";
import { sha256Hex } from "./sha256.ts";

/** What an event says of the cell it is about. `source` is kept apart: it leaves at level `code` only. */
export interface CellFacts extends Pick<
  EventDraft,
  | "notebookPath"
  | "kernelName"
  | "kernelId"
  | "cellId"
  | "cellIndex"
  | "cellType"
  | "cellTags"
  | "gradeId"
  | "sourceHash"
> {
  readonly source: string;
}

/** The part of JupyterLab's cell model that is read. */
export interface CellModel {
  readonly id: string;
  readonly type: string;
  readonly sharedModel: { readonly source: string };
  getMetadata(key: string): unknown;
}

const tagsSchema = v.array(v.string());
const nbgraderSchema = v.object({ grade_id: v.string() });
const cellTypeSchema = v.picklist(["code", "markdown", "raw"]);

/** First 16 hex digits of the SHA-256 of a source, ends trimmed: tells whether a student changed a cell. */
export function sourceHashOf(source: string): string {
  return sha256Hex(source.trim()).slice(0, 16);
}

/** nbgrader's name of the exercise; one that is out of bounds would have the event refused. */
function gradeIdOf(cell: CellModel): string | undefined {
  const nbgrader = v.safeParse(nbgraderSchema, cell.getMetadata("nbgrader"));
  const gradeId = nbgrader.success ? nbgrader.output.grade_id : "";
  return gradeId !== "" && gradeId.length <= limits.idLength ? gradeId : undefined;
}

/** A cell as it is now. */
export function cellFactsOf(cell: CellModel, cellIndex: number): CellFacts {
  const { source } = cell.sharedModel;
  const cellType = v.safeParse(cellTypeSchema, cell.type);
  const tags = v.safeParse(tagsSchema, cell.getMetadata("tags"));
  const gradeId = gradeIdOf(cell);
  return {
    cellId: cell.id,
    cellIndex,
    ...(cellType.success && { cellType: cellType.output }),
    ...(tags.success && tags.output.length > 0 && { cellTags: tags.output.slice(0, limits.listLength) }),
    ...(gradeId !== undefined && { gradeId }),
    sourceHash: sourceHashOf(source),
    source,
  };
}
