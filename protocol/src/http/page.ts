import * as v from "valibot";

const wholeNumber = v.pipe(v.string(), v.regex(/^\d{1,9}$/, "must be a whole number"), v.transform(Number));

/** Which part of a list is asked for, as a query says it. */
export const pageSchema = v.object({
  skip: v.optional(wholeNumber, "0"),
  limit: v.optional(v.pipe(wholeNumber, v.minValue(1), v.maxValue(200)), "100"),
});
export type Page = v.InferOutput<typeof pageSchema>;

/** Yes or no, as a query says it. */
export const flagSchema = v.pipe(
  v.picklist(["true", "false"], "must be true or false"),
  v.transform((text) => text === "true"),
);
