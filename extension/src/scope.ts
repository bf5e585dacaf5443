import { normalizeJoinCode } from "@cell-monitor/protocol";
import * as v from "valibot";

const classMark = v.object({ class: v.string() });

/** A path pattern: `*` and `?` stay within a folder, `**` goes through folders. */
function expressionOf(glob: string): RegExp {
  const source = glob
    .replace(/^\.?\/+/, "")
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replace(/\*{2,}\/?|\*|\?/g, (wildcard) => {
      if (wildcard === "?") return "[^/]";
      if (wildcard === "*") return "[^/]*";
      return wildcard.endsWith("/") ? "(?:.*/)?" : ".*";
    });
  return new RegExp(`^${source}$`, "u");
}

/** Decides which notebooks belong to the class; nothing else is looked at. */
export class ClassScope {
  readonly #expressions: readonly RegExp[];
  readonly #names: ReadonlySet<string>;

  /** @param names what a notebook's metadata may call the class: its id, its join code */
  constructor(globs: readonly string[], names: readonly string[]) {
    this.#expressions = globs.map(expressionOf);
    this.#names = new Set(names.filter((name) => name !== "").map(normalizeJoinCode));
  }

  /** @param mark the notebook's metadata `cell_monitor`, such as `{"class": "ABC-123"}` */
  includes(path: string, mark: unknown): boolean {
    const named = v.safeParse(classMark, mark);
    if (named.success) return this.#names.has(normalizeJoinCode(named.output.class));
    return this.#expressions.some((expression) => expression.test(path));
  }
}
