import * as v from "valibot";
import { limits } from "../limits.ts";
import { cleanName } from "../names.ts";
import { repairText } from "../text.ts";

/** A text as it can be stored: a wrong character is replaced, not refused. */
export const storableText = v.pipe(v.string(), v.transform(repairText));

/** What a person or a thing is called. */
export const nameSchema = v.pipe(
  v.string(),
  // To compose a text takes longer than in proportion to its length.
  v.maxLength(4 * limits.nameLength),
  v.transform(cleanName),
  v.minLength(1, "must hold something that can be seen"),
  v.maxLength(limits.nameLength),
);

/** What somebody is known by: repaired, it would name somebody else. */
export const identifierSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(limits.nameLength),
  v.check((text) => repairText(text) === text, "holds characters that cannot be stored"),
);

/** What is said of a thing, over several lines. */
export const descriptionSchema = v.pipe(storableText, v.maxLength(4096));

/** An e-mail address. Case does not tell two apart. */
export const emailSchema = v.pipe(
  v.string(),
  v.trim(),
  v.toLowerCase(),
  v.email("must be an e-mail address"),
  v.maxLength(256),
);
