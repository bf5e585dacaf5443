import type { FieldValue } from "./point.ts";

/** A field's value that isn't quoted, or undefined when it is none. */
export function parseFieldValue(text: string): FieldValue | undefined {
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return { type: "boolean", value: boolean };
  if (INTEGER.test(text)) return integer(text, "integer", MIN_INT64, MAX_INT64);
  if (UNSIGNED.test(text)) return integer(text, "unsigned", 0n, MAX_UINT64);
  if (!FLOAT.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? { type: "float", value } : undefined;
}

function integer(
  text: string,
  type: "integer" | "unsigned",
  min: bigint,
  max: bigint,
): FieldValue | undefined {
  const value = BigInt(text.slice(0, -1));
  return value < min || value > max ? undefined : { type, value: value.toString() };
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["t", "T", "true", "True", "TRUE"].map((text) => [text, true] as const),
  ...["f", "F", "false", "False", "FALSE"].map((text) => [text, false] as const),
]);
/** Bounded, so that no length of digits makes a long conversion. */
const INTEGER = /^-?\d{1,20}i$/;
const UNSIGNED = /^\d{1,20}u$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_INT64 = 9_223_372_036_854_775_807n;
const MIN_INT64 = -9_223_372_036_854_775_808n;
const MAX_UINT64 = 18_446_744_073_709_551_615n;
