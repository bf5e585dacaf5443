import type { Value } from "./table.ts";

/** What an array's text may hold without quotes. */
const plain = /^[\w.:+-]+$/;
const special = /["\\]/g;

/**
 * An array as Postgres reads it; undefined if all that it holds is null. Mostly ids, numbers and times: without
 * quotes they are shorter, and need no escaping when they become JSON.
 */
export function arrayLiteral(values: readonly Value[]): string | undefined {
  if (values.every((value) => value === null)) return undefined;
  let last: Value = null;
  let lastText = "NULL";
  const texts = values.map((value) => {
    // Rows of one class, one student, one cell often stand together.
    if (value !== last) {
      lastText = elementOf(value);
      last = value;
    }
    return lastText;
  });
  return `{${texts.join(",")}}`;
}

function elementOf(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value !== "string") return String(value);
  if (plain.test(value) && value.toUpperCase() !== "NULL") return value;
  return `"${value.replace(special, "\\$&")}"`;
}
