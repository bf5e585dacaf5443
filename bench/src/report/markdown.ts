import { shown, summarise } from "../figures.ts";
import { promised } from "./promises.ts";
import type { Result } from "./result.ts";

/** A section for every benchmark: when and where it was measured, and a table of its figures. */
export function markdownOf(results: readonly Result[]): string {
  return results.map(sectionOf).join("\n");
}

function sectionOf(result: Result): string {
  const { name, at, node, machine, database, quick, runs, tookSeconds, figures } = result;
  const rows = figures.map((figure) => {
    const { median, least, greatest, unit } = summarise(figure);
    const found = promised(name, figure);
    const label = found === undefined ? figure.name : `**${figure.name}**`;
    const verdict = found === undefined ? "" : found.isKept ? found.verdict : `**${found.verdict}**`;
    const value = `${shown(median)} ${unit}`.trim();
    return `| ${label} | ${value} | ${shown(least)} – ${shown(greatest)} | ${found?.text ?? ""} | ${verdict} |`;
  });
  const where = `${machine.processors} processors (${machine.cpu}), Node ${node}, ${database}`;
  const load = `load ${machine.loadBefore.toFixed(2)} before`;
  const warning = quick ? "\n**A smoke test: these figures say nothing.**\n" : "";
  return [
    `### ${name}`,
    "",
    `${at.slice(0, 16).replace("T", " ")} UTC, ${runs} runs in ${tookSeconds.toFixed(0)} s, ${where}, ${load}.`,
    warning,
    "| | median | least – greatest | promised | |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
