import * as v from "valibot";

/** Inclusive ranges of a session's numbers, ascending; the first ones where there are many, `count` is of all. */
const numbersSchema = v.object({ count: v.number(), ranges: v.array(v.tuple([v.number(), v.number()])) });

const sessionCompletenessSchema = v.object({
  session_id: v.string(),
  /** Of an `open` one the missing may still come. One that `ended`, or is `silent` for a day, has lost them. */
  state: v.picklist(["open", "ended", "silent"]),
  /** The highest number heard of. */
  highest: v.number(),
  /** Numbers that arrived, those of refused events among them. */
  received: v.number(),
  missing: numbersSchema,
  /** `declared` of them the client gave up itself. Any that arrives after all is received, and lost no more. */
  lost: v.object({ ...numbersSchema.entries, declared: v.number() }),
});
export type SessionCompleteness = v.InferOutput<typeof sessionCompletenessSchema>;

const totalsFields = {
  sessions: v.number(),
  received: v.number(),
  missing: v.number(),
  lost: v.number(),
  /** Received of all that is known of, rounded down; 100 only when nothing is missing or lost, null for none. */
  percent: v.nullable(v.number()),
};

/** What a class has of the events that its students' clients numbered. Of others nobody can know what is missing. */
export const completenessSchema = v.object({
  as_of: v.string(),
  /** Of the whole class, whatever part of its students is listed. */
  totals: v.object({ students: v.number(), ...totalsFields }),
  students: v.array(
    v.object({
      student_id: v.string(),
      name: v.string(),
      totals: v.object(totalsFields),
      sessions: v.array(sessionCompletenessSchema),
    }),
  ),
});
export type Completeness = v.InferOutput<typeof completenessSchema>;
