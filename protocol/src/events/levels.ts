import * as v from "valibot";
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

const refusedAt: ReadonlyMap<CaptureLevel, readonly string[]> = new Map(
  captureLevels.map((level, rank) => {
    const fields = Object.entries(neededLevel);
    const refused = fields.filter(([, needed]) => captureLevels.indexOf(needed) > rank);
    return [level, refused.map(([field]) => field)];
  }),
);

/** The event without what `level` does not allow; the same object when it held nothing of the kind. */
export function keepToLevel(event: ClassEvent, level: CaptureLevel): ClassEvent {
  const kept = without(event, level);
  // Nor may it come in under metadata.
  const metadata = kept.metadata && without(kept.metadata, level);
  return metadata === undefined || metadata === kept.metadata ? kept : { ...kept, metadata };
}

function without<Fields extends object>(fields: Fields, level: CaptureLevel): Fields {
  let kept: Fields | undefined;
  for (const field of refusedAt.get(level) ?? []) {
    if (!Object.hasOwn(fields, field)) continue;
    kept ??= { ...fields };
    Reflect.deleteProperty(kept, field);
  }
  return kept ?? fields;
}
