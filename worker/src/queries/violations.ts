import { accept, refuse, type Result } from "@cell-monitor/protocol";
import { NeonDbError } from "@neondatabase/serverless";

/** Which field of a body a constraint is about, by the constraint's name, where that does not say it itself. */
export type FieldsByConstraint = Readonly<Record<string, string>>;

/**
 * Does what writes; what the schema does not allow comes back as a refusal that names the field: 409 where something is
 * there already, 422 where something isn't. Anything else is thrown on.
 */
export async function refusingViolations<T>(
  work: () => Promise<T>,
  fields: FieldsByConstraint = {},
): Promise<Result<T>> {
  try {
    return accept(await work());
  } catch (error) {
    if (!(error instanceof NeonDbError)) throw error;
    const field = fieldOf(error, fields);
    if (error.code === "23505") {
      return refuse("conflict", `There is one with this ${field} already.`, {
        details: [{ field, message: "is taken" }],
      });
    }
    if (error.code === "23503") {
      return refuse("invalid_body", `The body is not right: ${field}: there is none like it.`, {
        details: [{ field, message: "there is none like it" }],
      });
    }
    if (error.code === "23514") {
      return refuse("invalid_body", `The body is not right: ${field}: is out of bounds.`, {
        details: [{ field, message: "is out of bounds" }],
      });
    }
    throw error;
  }
}

/** PostgreSQL names a constraint `table_field_key` or `table_field_fkey` unless told otherwise. */
function fieldOf({ constraint = "", table = "" }: NeonDbError, fields: FieldsByConstraint): string {
  const own = fields[constraint];
  if (own !== undefined) return own;
  const bare = constraint.startsWith(`${table}_`) ? constraint.slice(table.length + 1) : constraint;
  return bare.replace(/_(?:key|fkey|check)$/, "");
}
