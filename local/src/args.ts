import { parseArgs } from "node:util";

export interface Settings {
  readonly port: number;
  readonly dataDir: string;
  readonly reset: boolean;
  /** Simulated students; 0 for none. */
  readonly students: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

export type Parsed =
  | { readonly kind: "run"; readonly settings: Settings }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

const defaults = { port: 8787, dataDir: ".local", students: 30 } as const;
const mostStudents = 500;

export const help = `Usage: npm start -- [options]

Runs the whole system on this machine: the worker with its objects, an embedded
PostgreSQL, a store for time series, and a simulated class that makes the
dashboard live. What it is told is kept for the next start.

Options:
  --port N       port of the dashboard and the API (${defaults.port}; 0 takes any free one)
  --data DIR     where everything is kept (${defaults.dataDir})
  --reset        forget what is kept there, and start anew
  --students N   students of the simulated class (${defaults.students}, at most ${mostStudents})
  --no-demo      no simulated students; the class is there all the same
  --json         when ready, print one line of JSON with addresses and tokens
  --verbose      show the log of every request
  --help         this text

Environment, each replacing an embedded part by a real one:
  DATABASE_URL   a PostgreSQL server
  INFLUX_URL     an InfluxDB (1.x, 2.x) or VictoriaMetrics, with INFLUX_TOKEN,
                 INFLUX_ORG and INFLUX_BUCKET where it wants them
And the worker's own: OIDC_* (sign-in at an OpenID provider) and LIMIT_SCALE.

Ctrl-C ends it.
`;

/** Reads the command line; what is wrong with it is an answer, not an exception. */
export function readArgs(args: readonly string[]): Parsed {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }));
  } catch (error) {
    // The parser's own text goes on about `--` and positionals behind its first sentence.
    return mistake(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
  if (values.help === true) return { kind: "help" };
  const port = wholeNumber(values.port ?? String(defaults.port), 65_535);
  if (port === undefined)
    return mistake(`--port must be a whole number from 0 to 65535, not "${values.port}"`);
  const students = wholeNumber(values.students ?? String(defaults.students), mostStudents);
  if (students === undefined) {
    return mistake(`--students must be a whole number from 0 to ${mostStudents}, not "${values.students}"`);
  }
  const dataDir = values.data ?? defaults.dataDir;
  if (dataDir.trim() === "") return mistake("--data must name a folder");
  return {
    kind: "run",
    settings: {
      port,
      dataDir,
      reset: values.reset === true,
      students: values["no-demo"] === true ? 0 : students,
      json: values.json === true,
      verbose: values.verbose === true,
    },
  };
}

const options = {
  port: { type: "string" },
  data: { type: "string" },
  reset: { type: "boolean" },
  students: { type: "string" },
  "no-demo": { type: "boolean" },
  json: { type: "boolean" },
  verbose: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function wholeNumber(text: string, most: number): number | undefined {
  if (!/^\d{1,6}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

function mistake(message: string): Parsed {
  return { kind: "mistake", message };
}
