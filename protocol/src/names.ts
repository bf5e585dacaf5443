// White space of all kinds, and letters that look like it: the fillers of Hangul and the blank of Braille.
const blanks = /[\p{White_Space}\u115F\u1160\u2800\u3164\uFFA0]+/gu;
// What shows nothing: controls, marks of direction, tags, what stands for nothing; joiners apart.
const invisible = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}]/gu;
// Joiners belong between letters, or the parts of an emoji; elsewhere they are not seen.
const joined = String.raw`[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]`;
const loose = new RegExp(String.raw`(?<!${joined})[\u200C\u200D]|[\u200C\u200D](?!${joined})`, "gu");
// More marks than any script stacks on a letter: they would run over the lines around it.
const stacked = /(\p{M}{6})\p{M}+/gu;

/**
 * A name as it can be shown in a list beside others: composed (NFC), on one line, in the direction of its letters, without
 * anything that is there and cannot be seen. Empty where nothing can be.
 */
export function cleanName(text: string): string {
  const seen = text.toWellFormed().replace(blanks, " ").replace(invisible, "").replace(loose, "");
  return seen.normalize("NFC").replace(stacked, "$1").replace(/ {2,}/g, " ").trim();
}
