/**
 * The platform takes values below 2 MB, counted in UTF-8; a UTF-16 unit takes three bytes at most.
 */
export const partLength = 512 * 1024;

/** Cuts a text into parts that can each be stored as one value. */
export function splitText(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = Math.min(start + partLength, text.length);
    // Half of a surrogate pair cannot be written as UTF-8.
    const isSplitPair = end < text.length && isLowSurrogate(text.charCodeAt(end));
    parts.push(text.slice(start, isSplitPair ? end - 1 : end));
    start = isSplitPair ? end - 1 : end;
  }
  return parts;
}

/** Groups texts so that each group can be stored as one value; a text longer than a part stands alone. */
export function* groupTexts(texts: readonly string[]): Generator<string[]> {
  let group: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (group.length > 0 && length + text.length > partLength) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(text);
    length += text.length + 1;
  }
  if (group.length > 0) yield group;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
