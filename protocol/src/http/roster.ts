import * as v from "valibot";
import { flagSchema } from "./page.ts";
import { enrolmentRoleSchema } from "./students.ts";
import { emailSchema, identifierSchema, nameSchema } from "./texts.ts";

/** A student as a roster names them. What it leaves out stays as it is. */
export const rosterRowSchema = v.strictObject({
  user_id: identifierSchema,
  name: v.optional(nameSchema),
  email: v.optional(emailSchema),
  /** By name; one that is not there yet is made. */
  team: v.optional(nameSchema),
  section: v.optional(nameSchema),
  role: v.optional(enrolmentRoleSchema),
});
export type RosterRow = v.InferOutput<typeof rosterRowSchema>;

export const rosterQuerySchema = v.object({
  /** Only say what would be done. */
  dry_run: v.optional(flagSchema, "false"),
});

export const rosterReportSchema = v.object({
  dry_run: v.boolean(),
  created: v.number(),
  updated: v.number(),
  unchanged: v.number(),
  refused: v.number(),
  new_teams: v.array(v.string()),
  new_sections: v.array(v.string()),
  /** Headings that mean nothing here. */
  ignored_columns: v.array(v.string()),
  /** Students on the class's roster whom this one does not name. They stay. */
  not_named: v.number(),
  rows: v.array(
    v.object({
      /** Of the file, from 1; of a list, its place in it. */
      line: v.number(),
      status: v.picklist(["created", "updated", "unchanged", "refused"]),
      user_id: v.nullable(v.string()),
      student_id: v.nullable(v.string()),
      field: v.optional(v.string()),
      message: v.optional(v.string()),
    }),
  ),
});
export type RosterReport = v.InferOutput<typeof rosterReportSchema>;
