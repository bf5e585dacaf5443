import { repairText } from "./text.ts";

/**
 * Whether a parsed JSON value nests deeper than `maxDepth` levels; a scalar has depth 0. Walks with a stack of
 * its own, so that depth made to exhaust the call stack is measured, not suffered.
 */
export function isDeeperThan(value: unknown, maxDepth: number): boolean {
  const open: [unknown, number][] = [[value, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [item, depth] = next;
    if (typeof item !== "object" || item === null) continue;
    if (depth > maxDepth) return true;
    for (const child of Object.values(item)) {
      if (typeof child === "object" && child !== null) open.push([child, depth + 1]);
    }
  }
  return false;
}

/** A JSON object, as opposed to an array or null. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy in which every text, keys included, can be stored. Only for values of bounded depth. */
export function repairJson(value: unknown): unknown {
  if (typeof value === "string") return repairText(value);
  if (Array.isArray(value)) return value.map(repairJson);
  if (!isJsonObject(value)) return value;
  // fromEntries defines own properties, so that a key `__proto__` stays data.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [repairText(key), repairJson(item)]));
}
