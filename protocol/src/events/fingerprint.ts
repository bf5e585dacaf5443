import { stripAnsi } from "../text.ts";

/** FNV-1a over UTF-16 units, 32 bits. */
function fnv1a(text: string, seed: number): string {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

// Not the apostrophe of "can't".
const quoted = /(?<!\w)(['"`])((?:(?!\1).)*)\1(?!\w)/gs;
// A name, or what Python's grammar misses: `expected ':'`.
const telling = /^(?:[\p{L}_][\p{L}\p{N}_.]*|[^\p{L}\p{N}\s]{1,3})$/u;
const address = /\b0x[0-9a-fA-F]+\b/g;
const path = /(?:[A-Za-z]:)?(?:[\\/][\w.+-]+){2,}/g;
const number = /[-+]?\b\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\b/g;

/** An exception's message without the values that differ from student to student. */
export function normalizeMessage(message: string): string {
  return (
    stripAnsi(message)
      .slice(0, 2000)
      // Names are what makes two NameErrors differ; nearly everything else in quotes is a value.
      .replace(quoted, (whole, _quote, content: string) => (telling.test(content) ? whole : "'…'"))
      .replace(address, "0x…")
      .replace(path, "/…")
      .replace(number, "#")
      .replace(/\s+/g, " ")
      .trim()
  );
}

const frameMarks = ["In [", "In[", "<ipython-input-"];
const cellFrame = /(?:(?:Cell|Input) In\s*\[\d+\]|<ipython-input-[^>]{1,80}>).*?\bin (\w+)\s*\(/;
/** IPython's own lines are far shorter; a hostile one must not cost more than it. */
const frameLineLength = 300;

/** The function of the innermost frame that lies in a notebook cell, as IPython prints it; "" at module level. */
function innermostFunction(traceback: string): string {
  const lines = stripAnsi(traceback).split("\n");
  for (const line of lines.reverse()) {
    if (!frameMarks.some((mark) => line.includes(mark))) continue;
    const [, name] = cellFrame.exec(line.slice(0, frameLineLength)) ?? [];
    if (name !== undefined) return name;
  }
  return "";
}

/**
 * The same text for the same mistake whoever makes it: exception, message without values, function in the cell.
 * Made where the message is known, so that it survives a level that keeps messages back.
 */
export function errorFingerprint(error: {
  readonly errorName: string;
  readonly errorMessage?: string | undefined;
  readonly errorTraceback?: string | undefined;
}): string {
  const text = `${normalizeMessage(error.errorMessage ?? "")}\n${innermostFunction(error.errorTraceback ?? "")}`;
  const name = error.errorName.replace(/[^A-Za-z0-9_.]/g, "_").slice(0, 64);
  return `${name}:${fnv1a(text, 0x811c9dc5)}${fnv1a(text, 0x1b873593)}`;
}
