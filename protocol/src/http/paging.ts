import * as v from "valibot";

const wholeNumber = v.pipe(v.string(), v.regex(/^\d{1,9}$/, "must be a whole number"), v.transform(Number));

/** The part of a list's address that says which of its items are asked for. */
export const pagingFields = {
  skip: v.optional(wholeNumber, "0"),
  limit: v.optional(v.pipe(wholeNumber, v.minValue(1), v.maxValue(200)), "100"),
} as const;
