/** What was measured of one thing: a value for each run, all in one unit. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly runs: readonly number[];
}

interface Summary {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** The smallest value that at least this share (0 to 1) of the values doesn't exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new RangeError("Of nothing there is no percentile.");
  return found;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError("Of nothing there is no median.");
  return (lower + upper) / 2;
}

export function summarise({ name, unit, runs }: Figure): Summary {
  return { name, unit, median: median(runs), least: Math.min(...runs), greatest: Math.max(...runs) };
}

/** The figures of several runs, gathered by name in the order in which they first came. */
export class Figures {
  readonly #runs = new Map<string, { readonly unit: string; readonly values: number[] }>();

  add(name: string, value: number, unit: string): void {
    const known = this.#runs.get(name);
    if (known === undefined) this.#runs.set(name, { unit, values: [value] });
    else known.values.push(value);
  }

  list(): Figure[] {
    return [...this.#runs].map(([name, { unit, values }]) => ({ name, unit, runs: values }));
  }
}

/** What a reader is told of a figure beside its value: what was promised, and whether it is kept. */
type Remark = (figure: Figure) => { readonly text: string; readonly verdict: string } | undefined;

/** Lines for a reader, the columns aligned. */
export function table(figures: readonly Figure[], remark: Remark = () => undefined): string {
  const rows = figures.map((figure) => {
    const { name, unit, median, least, greatest } = summarise(figure);
    const said = remark(figure);
    const promise = said === undefined ? "" : `promised ${said.text}: ${said.verdict}`;
    return [name, shown(median), unit, `${shown(least)} – ${shown(greatest)}`, promise] as const;
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const [first = 0, second = 0, third = 0, fourth = 0] = widths;
  return rows
    .map(([name, value, unit, range, promise]) =>
      `${name.padEnd(first)}  ${value.padStart(second)} ${unit.padEnd(third)}  ${range.padEnd(fourth)}  ${promise}`.trimEnd(),
    )
    .join("\n");
}

/** Three significant digits; large numbers whole. */
export function shown(value: number): string {
  return value >= 100 ? Math.round(value).toString() : String(Number(value.toPrecision(3)));
}
