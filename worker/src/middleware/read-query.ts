import { accept, refuse, type Result } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { AppContext } from "../routes/route.ts";

/** What follows the `?`, held against its schema. */
export function readQuery<Schema extends v.GenericSchema>(
  c: AppContext,
  schema: Schema,
): Result<v.InferOutput<Schema>> {
  const parsed = v.safeParse(schema, c.req.query());
  if (parsed.success) return accept(parsed.output);
  const details = parsed.issues.map((issue) => ({
    field: v.getDotPath(issue) ?? "",
    message: issue.message,
  }));
  return refuse(
    "invalid_body",
    `The query is not right: ${details[0]?.field ?? ""}: ${details[0]?.message ?? ""}`,
    { details },
  );
}
