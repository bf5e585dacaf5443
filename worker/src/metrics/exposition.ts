/** One figure; names and labels are ours alone. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly name: string;
  readonly help: string;
  /** All are gauges: no isolate of a worker sees enough to count on. */
  readonly samples: readonly Sample[];
}

/** Of Prometheus's text format, version 0.0.4. */
export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

function escaped(value: string): string {
  return value.replace(/["\\\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}

function line(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

/** Metrics as Prometheus reads them. One without samples is left out. */
export function exposition(metrics: readonly Metric[]): string {
  const blocks = metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map((sample) => line(name, sample))].join(
        "\n",
      ),
    );
  return `${blocks.join("\n")}\n`;
}
