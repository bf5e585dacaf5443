import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

import { plot } from "./plot.ts";
import { type Result, resultSchema } from "./result.ts";
import { markdownOf } from "./markdown.ts";

const page = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));
const image = fileURLToPath(new URL("../../../docs/images/benchmarks.svg", import.meta.url));
const begin = "<!-- figures:begin (written by `npm run bench -- --record`) -->";
const end = "<!-- figures:end -->";
const names = ["ingest", "live", "wire", "wake", "growth", "cost", "drain"];

/** Writes the figures into the page between its marks, and draws its plot. */
export function record(results: string): void {
  const found = names.flatMap((name) => resultOf(join(results, `${name}.json`)));
  const text = readFileSync(page, "utf8");
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has lost its marks.`);
  writeFileSync(page, `${before}${begin}\n\n${markdownOf(found)}\n${end}${after}`);
  writeFileSync(image, plot(found));
}

function resultOf(file: string): Result[] {
  return existsSync(file) ? [v.parse(resultSchema, JSON.parse(readFileSync(file, "utf8")))] : [];
}
