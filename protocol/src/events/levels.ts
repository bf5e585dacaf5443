import * as v from "valibot";
import { isJsonObject } from "../json.ts";
import type { ClassEvent } from "./event.ts";

/** What a class may collect, each level including those before it. */
export const captureLevels = ["activity", "errors", "outputs", "code"] as const;
export const captureLevelSchema = v.picklist(captureLevels);
export type CaptureLevel = (typeof captureLevels)[number];

const neededLevel = {
  errorMessage: "errors",
  errorTraceback: "errors",
  errorLine: "errors",
  result: "outputs",
  outputTypes: "outputs",
  code: "code",
} as const satisfies Partial<Record<keyof ClassEvent, CaptureLevel>>;

/** Names that other clients give to the same, in small letters and without separators. */
const contentNames: Readonly<Record<Exclude<CaptureLevel, "activity">, readonly string[]>> = {
  errors: ["errormessage", "errortraceback", "errorline", "traceback", "evalue", "stack", "stacktrace"],
  outputs: ["result", "results", "output", "outputs", "outputtypes", "stdout", "stderr", "returnvalue"],
  code: ["code", "source", "sourcecode", "cellsource", "cellcode", "input", "content", "cells"],
};
const levelOfName: ReadonlyMap<string, CaptureLevel> = new Map([
  ...contentNames.errors.map((name) => [name, "errors"] as const),
  ...contentNames.outputs.map((name) => [name, "outputs"] as const),
  ...contentNames.code.map((name) => [name, "code"] as const),
]);

const refusedAt: ReadonlyMap<CaptureLevel, readonly string[]> = new Map(
  captureLevels.map((level) => {
    const fields = Object.entries(neededLevel);
    return [level, fields.filter(([, needed]) => !allows(level, needed)).map(([field]) => field)];
  }),
);

/** Of a text that the protocol has no name for: a version, a choice, a path. What is longer may be anything. */
const shortLength = 128;
/** Of all such texts of an event together, lest a long one come in pieces. */
const shortTotal = 1024;

function allows(level: CaptureLevel, needed: CaptureLevel): boolean {
  return captureLevels.indexOf(needed) <= captureLevels.indexOf(level);
}

/** The event without what `level` does not allow; the same object when it held nothing of the kind. */
export function keepToLevel(event: ClassEvent, level: CaptureLevel): ClassEvent {
  let kept = event;
  for (const field of refusedAt.get(level) ?? []) {
    if (!Object.hasOwn(event, field)) continue;
    if (kept === event) kept = { ...event };
    Reflect.deleteProperty(kept, field);
  }
  if (level === "code" || kept.metadata === undefined) return kept;
  const filter = new MetadataFilter(level);
  const metadata = filter.object(kept.metadata);
  return filter.hasRefused ? { ...kept, metadata } : kept;
}

/**
 * Keeps, at every depth, what cannot be what the level refuses: numbers, truth values, short texts of one line, and
 * texts under a name that the level allows.
 */
class MetadataFilter {
  hasRefused = false;
  readonly #level: CaptureLevel;
  #roomLeft = shortTotal;

  constructor(level: CaptureLevel) {
    this.#level = level;
  }

  object(given: Record<string, unknown>): Record<string, unknown> {
    const kept: [string, unknown][] = [];
    for (const [key, value] of Object.entries(given)) {
      const needed = levelOfName.get(key.toLowerCase().replaceAll(/[^a-z]/g, ""));
      if ((needed !== undefined && !allows(this.#level, needed)) || !this.#isShort(key)) {
        this.hasRefused = true;
        continue;
      }
      const item = this.#value(value, needed !== undefined);
      if (item !== undefined) kept.push([key, item]);
    }
    return Object.fromEntries(kept);
  }

  #value(value: unknown, isAllowed: boolean): unknown {
    if (typeof value === "string") {
      if (isAllowed || this.#isShort(value)) return value;
      this.hasRefused = true;
      return undefined;
    }
    if (Array.isArray(value)) {
      return value.map((item) => this.#value(item, isAllowed)).filter((item) => item !== undefined);
    }
    return isJsonObject(value) ? this.object(value) : value;
  }

  #isShort(text: string): boolean {
    if (text.length > shortLength || text.length > this.#roomLeft || /[\n\r]/.test(text)) return false;
    this.#roomLeft -= text.length;
    return true;
  }
}
