import type { ExportRow } from "../queries/export.ts";

const attempted = { id: "http://adlnet.gov/expapi/verbs/attempted", display: { en: "attempted" } };

/** A run as a statement of xAPI 1.0.3. Its actor is an account, never a name or an address. */
export function xapiStatement(row: ExportRow, classIri: string): object {
  const { id, student_id, status, duration_ms, executed_at, cell, execution_id } = row;
  const isOver = status !== "running";
  const objectId = `${classIri}/cells/${encodeURIComponent(String(cell ?? execution_id))}`;
  return {
    id,
    actor: { objectType: "Agent", account: { homePage: classIri, name: student_id } },
    verb: attempted,
    object: { objectType: "Activity", id: objectId },
    result: {
      completion: isOver,
      ...(isOver && { success: status === "ok" }),
      ...(typeof duration_ms === "number" && { duration: `PT${(duration_ms / 1000).toFixed(2)}S` }),
    },
    context: {
      platform: "Jupyter",
      contextActivities: { grouping: [{ objectType: "Activity", id: classIri }] },
    },
    timestamp: executed_at,
    version: "1.0.3",
  };
}
