import * as v from "valibot";
import { pageSchema } from "./page.ts";
import { momentSchema } from "./times.ts";

export const auditEntrySchema = v.object({
  id: v.string(),
  at: v.string(),
  actor: v.string(),
  /** Null for the first admin, and for who is no more. */
  actor_name: v.nullable(v.string()),
  actor_role: v.string(),
  action: v.string(),
  class_id: v.nullable(v.string()),
  student_id: v.nullable(v.string()),
  details: v.record(v.string(), v.unknown()),
});

export const auditQuerySchema = v.object({
  ...pageSchema.entries,
  student_id: v.optional(v.pipe(v.string(), v.uuid("must be a UUID"))),
});

const countsSchema = v.record(v.string(), v.number());

/** What was erased where. It does not say of whom. */
export const erasureReceiptSchema = v.object({
  id: v.string(),
  class_id: v.string(),
  requested_by: v.string(),
  requested_at: v.string(),
  erased: v.object({
    /** In the class's own storage. */
    class: countsSchema,
    /** Rows of PostgreSQL, by table. */
    database: countsSchema,
    influx: v.picklist(["erased", "not_set_up", "not_supported", "failed"]),
  }),
  /** What stays, where, and until when. */
  remains: v.array(v.string()),
});
export type ErasureReceipt = v.InferOutput<typeof erasureReceiptSchema>;

export const studentErasureSchema = v.object({ receipts: v.array(erasureReceiptSchema) });

export const exportTables = [
  "cell_executions",
  "sessions",
  "notebook_accesses",
  "help_requests",
  "progress_events",
  "assignment_submissions",
  "students",
] as const;

export const exportQuerySchema = v.object({
  format: v.optional(v.picklist(["csv", "jsonl", "xapi"]), "csv"),
  /** Of `xapi` it is `cell_executions`. */
  table: v.optional(v.picklist(exportTables), "cell_executions"),
  from: v.optional(momentSchema),
  to: v.optional(momentSchema),
});
