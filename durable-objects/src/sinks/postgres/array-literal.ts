import type { Value } from "./table.ts";

/** What an array's text may hold without quotes. */
const plain = /^[\w.:+-]+$/;
const special = /["\\]/g;

/**
 * An array as Postgres reads it; undefined if all that it holds is null. Mostly ids, numbers and times: without
 * quotes they are shorter, and need no escaping when they become JSON.
 */
export function arrayLiteral(values: Iterable<Value>): string | undefined {
  let text = "";
  let isNull = true;
  let last: Value | undefined;
  let lastText = "";
  for (const value of values) {
    // Rows of one class, one student, one cell often stand together.
    if (value !== last) {
      lastText = elementOf(value);
      last = value;
    }
    if (value !== null) isNull = false;
    text += text === "" ? lastText : `,${lastText}`;
  }
  return isNull ? undefined : `{${text}}`;
}

function elementOf(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value !== "string") return String(value);
  if (plain.test(value) && value.toUpperCase() !== "NULL") return value;
  return `"${value.replace(special, "\\$&")}"`;
}
