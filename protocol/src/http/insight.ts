import * as v from "valibot";
import { pageSchema } from "./page.ts";
import { momentSchema } from "./times.ts";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));
const moment = v.nullable(v.string());

/** From when on, and until when; without them, ever. */
const span = { from: v.optional(momentSchema), to: v.optional(momentSchema) };

export const overviewResponseSchema = v.object({
  class_id: v.string(),
  as_of: v.string(),
  students: v.object({
    total: v.number(),
    rostered: v.number(),
    /** Of whom anything was ever heard. */
    seen: v.number(),
    /** Of whom something was heard within the time after which the class calls one idle. */
    active: v.number(),
  }),
  /** Those that the kernel turned away count as nothing. */
  runs: v.object({ total: v.number(), errors: v.number(), running: v.number() }),
  /** Hands that are up. */
  help: v.number(),
  notebooks: v.number(),
  assignments: v.number(),
  submissions: v.object({ total: v.number(), ungraded: v.number() }),
  last_activity_at: moment,
});
export type OverviewResponse = v.InferOutput<typeof overviewResponseSchema>;

export const classStudentsQuerySchema = v.object({
  ...pageSchema.entries,
  team_id: v.optional(uuid),
  section_id: v.optional(uuid),
});

export const classStudentSchema = v.object({
  /** For a researcher a pseudonym, and the name as well. */
  student_id: v.string(),
  name: v.string(),
  team: v.nullable(v.string()),
  section_id: v.nullable(v.string()),
  rostered: v.boolean(),
  last_activity_at: moment,
  sessions: v.number(),
  runs: v.number(),
  errors: v.number(),
  /** Different cells that ran without an error. */
  cells_done: v.number(),
  help_requests: v.number(),
  submissions: v.number(),
});
export type ClassStudent = v.InferOutput<typeof classStudentSchema>;

export const activityQuerySchema = v.object({ ...pageSchema.entries, ...span });

export const activitySchema = v.object({
  at: v.string(),
  kind: v.picklist(["run", "notebook", "help", "event"]),
  /** What it was: of a run its status, of a notebook what was done to it, else the event's type. */
  what: v.string(),
  notebook: v.nullable(v.string()),
  cell_id: v.nullable(v.string()),
  cell_index: v.nullable(v.number()),
  duration_ms: v.nullable(v.number()),
  error_name: v.nullable(v.string()),
  /** Only where the class collects messages, and not for researchers. */
  error_message: v.nullable(v.string()),
  error_fingerprint: v.nullable(v.string()),
});
export type Activity = v.InferOutput<typeof activitySchema>;

export const cellListQuerySchema = v.object({
  ...pageSchema.entries,
  ...span,
  notebook_id: v.optional(uuid),
});

export const classCellSchema = v.object({
  notebook_id: v.nullable(v.string()),
  notebook: v.nullable(v.string()),
  cell_id: v.string(),
  cell_type: v.nullable(v.string()),
  /** Place in the notebook, from 0, as its newest copy has it. */
  position: v.nullable(v.number()),
  grade_id: v.nullable(v.string()),
  runs: v.number(),
  errors: v.number(),
  students: v.number(),
  /** Students of whom a run of it ended well. */
  students_done: v.number(),
  median_ms: v.nullable(v.number()),
  last_run_at: v.string(),
});

export const errorListQuerySchema = v.object({ ...pageSchema.entries, ...span });

export const classErrorSchema = v.object({
  fingerprint: v.string(),
  name: v.nullable(v.string()),
  /** Of the latest; only where the class collects messages, and not for researchers. */
  message: v.nullable(v.string()),
  count: v.number(),
  students: v.number(),
  cells: v.number(),
  first_at: v.string(),
  last_at: v.string(),
});

export const timelineBuckets = ["minute", "hour", "day"] as const;
export const timelineQuerySchema = v.object({
  /** Three hours before `to`, unless said. */
  from: v.optional(momentSchema),
  /** Now, unless said. */
  to: v.optional(momentSchema),
  /** The finest that the span allows, unless said: a day by minutes, a month by hours, a year by days. */
  bucket: v.optional(v.picklist(timelineBuckets)),
});

export const timelineResponseSchema = v.object({
  from: v.string(),
  to: v.string(),
  bucket: v.picklist(timelineBuckets),
  /** One after the other, those in which nothing happened among them; in UTC. */
  buckets: v.array(
    v.object({
      start: v.string(),
      events: v.number(),
      runs: v.number(),
      errors: v.number(),
      /** Students who did something. */
      active: v.number(),
      /** Hands raised. */
      help: v.number(),
    }),
  ),
});
