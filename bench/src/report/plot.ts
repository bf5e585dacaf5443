import { type Figure, median, shown } from "../figures.ts";
import { promised } from "./promises.ts";
import type { Result } from "./result.ts";
import { accent, bad, dot, faint, good, ink, line, logScale, path, rule, textAt } from "./svg.ts";

const width = 1100;
const margin = 24;
const rowHeight = 24;
const labelsEnd = 560;
const scaleEnd = 880;
const chartHeight = 170;

/** Beside each promise how far it is kept, and below what an event costs as a class grows. One file, no script. */
export function plot(results: readonly Result[]): string {
  const parts: string[] = [];
  const promisesEnd = drawPromises(results, parts);
  const height = drawGrowth(results, parts, promisesEnd + 40) + margin;
  const font = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${font}" role="img" aria-label="What was measured, beside what is promised">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

interface Kept {
  readonly label: string;
  readonly value: string;
  readonly bound: string;
  readonly isKept: boolean;
  /** How many times better than promised, of every run. */
  readonly margins: readonly number[];
}

function drawPromises(results: readonly Result[], parts: string[]): number {
  const rows = results.flatMap((result) => result.figures.flatMap((figure) => keptOf(result.name, figure)));
  const top = margin + 62;
  const bottom = top + rows.length * rowHeight;
  const x = logScale(0.1, 10, labelsEnd + 12, scaleEnd);
  parts.push(
    textAt(margin, margin + 12, "Measured, beside what is promised", { size: 17, weight: 600 }),
    textAt(
      margin,
      margin + 32,
      "Median of the runs (dot) between least and greatest (line); on the right of the mark the promise is kept.",
      { fill: faint },
    ),
  );
  for (const [value, label] of [
    [0.1, "10 times worse"],
    [1, "as promised"],
    [10, "10 times better"],
  ] as const) {
    parts.push(
      line(x(value), top - 6, x(value), bottom, value === 1 ? ink : rule, value === 1 ? 1.5 : 1),
      textAt(x(value), top - 12, label, { size: 11, fill: faint, anchor: "middle" }),
    );
  }
  for (const [index, { label, value, bound, isKept, margins }] of rows.entries()) {
    const y = top + index * rowHeight + rowHeight / 2;
    const colour = isKept ? good : bad;
    parts.push(
      textAt(labelsEnd, y + 4, label, { anchor: "end" }),
      line(x(Math.min(...margins)), y, x(Math.max(...margins)), y, colour, 2),
      dot(x(median(margins)), y, 4.5, colour),
      textAt(scaleEnd + 16, y + 4, value, { fill: colour, weight: 600 }),
      textAt(width - margin, y + 4, bound, { fill: faint, anchor: "end" }),
    );
  }
  return bottom;
}

function keptOf(benchmark: string, figure: Figure): Kept[] {
  const found = promised(benchmark, figure);
  // Where nothing at all is promised to happen, there is no factor to draw.
  if (found === undefined || found.bound === 0) return [];
  const { bound, isFloor, isKept } = found;
  const margins = figure.runs.map((value) => (isFloor ? value / bound : bound / Math.max(value, 1e-9)));
  const value = `${shown(median(figure.runs))} ${figure.unit}`;
  const text = `${isFloor ? "≥" : "≤"}${bound.toLocaleString("en")}`;
  return [{ label: `${benchmark}: ${figure.name}`, value, bound: text, isKept, margins }];
}

interface Series {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly (readonly [number, number])[];
}

function drawGrowth(results: readonly Result[], parts: string[], top: number): number {
  const all = [
    seriesOf(results, "growth", "students", /^([\d,]+) students.*: processor time$/),
    seriesOf(results, "growth", "classes", /^([\d,]+) class(?:es)?: processor time$/),
    seriesOf(results, "growth", "dashboards (200 events/s)", /^([\d,]+) dashboards?, .*: processor time$/),
    seriesOf(results, "wake", "events stored", /^log of ([\d,]+) events: processor time/),
  ].filter(({ points }) => points.length > 1);
  if (all.length === 0) return top;
  parts.push(
    textAt(margin, top + 4, "What an event costs as a class grows", { size: 17, weight: 600 }),
    textAt(margin, top + 24, "Processor time of the worker, µs an event; single events over sockets.", {
      fill: faint,
    }),
  );
  const chartTop = top + 56;
  const each = (width - 2 * margin) / all.length;
  for (const [index, series] of all.entries()) {
    drawChart(series, parts, margin + index * each + 8, chartTop, each - 28);
  }
  return chartTop + chartHeight + 24;
}

function seriesOf(results: readonly Result[], benchmark: string, title: string, name: RegExp): Series {
  const figures = results.find((result) => result.name === benchmark)?.figures ?? [];
  const points = figures.flatMap((figure) => {
    const count = name.exec(figure.name)?.[1];
    return count === undefined ? [] : [[Number(count.replaceAll(",", "")), median(figure.runs)] as const];
  });
  return { title, unit: "µs", points };
}

function drawChart(
  { title, points }: Series,
  parts: string[],
  left: number,
  top: number,
  wide: number,
): void {
  const bottom = top + chartHeight;
  const counts = points.map(([count]) => count);
  const most = Math.max(...points.map(([, value]) => value)) * 1.15;
  const x = logScale(Math.min(...counts), Math.max(...counts), left + 14, left + wide - 14);
  const y = (value: number): number => bottom - (value / most) * (chartHeight - 30);
  parts.push(
    textAt(left + wide / 2, top + 2, title, { anchor: "middle", weight: 600 }),
    line(left, bottom, left + wide, bottom, faint),
    path(
      points.map(([count, value]) => [x(count), y(value)]),
      accent,
    ),
  );
  for (const [count, value] of points) {
    parts.push(
      dot(x(count), y(value), 4, accent),
      textAt(x(count), y(value) - 9, shown(value), { anchor: "middle", size: 11 }),
      textAt(x(count), bottom + 16, compact(count), { anchor: "middle", size: 11, fill: faint }),
    );
  }
}

function compact(count: number): string {
  if (count >= 1e6) return `${count / 1e6}M`;
  return count >= 1_000 ? `${count / 1_000}k` : String(count);
}
