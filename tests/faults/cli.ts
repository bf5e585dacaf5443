import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const help = `Usage: npm run faults -- [options] [file…]

Gives faults to the worker as it is built, under workerd, with a gateway as its stores: SIGKILL at every step of commit and
drain, and at random under load; stores that hang, refuse, cut off and drop answers; more load than there is room for.
Whatever comes, all that was acknowledged must be in both stores once. Runs on this machine alone, and ends by itself.

  --long       all of it: an hour or so. Without it the short form, as \`npm test\` runs it: a minute
  --kills N    servers killed at random under load (5; 200 with --long)
  --seed N     draws those times again as the run did that named this seed
  --help

A file is steps, load, stores or overload; without any, all of them run.

Environment:
  TEST_DATABASE_URL   a PostgreSQL server to make databases on; without it, PGlite`;

const { values, positionals } = parse();
if (values.help) console.log(help);
else run();

function parse() {
  const number = /^\d+$/;
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        long: { type: "boolean", default: false },
        kills: { type: "string" },
        seed: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    const { kills = "0", seed = "0" } = parsed.values;
    if (!number.test(kills) || !number.test(seed)) throw new Error("--kills and --seed take a number");
    return parsed;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}

function run(): void {
  const { long, kills, seed } = values;
  const config = fileURLToPath(new URL("vitest.config.ts", import.meta.url));
  const child = spawn("vitest", ["run", "--config", config, ...positionals], {
    stdio: "inherit",
    env: {
      ...process.env,
      FAULTS: long ? "long" : "short",
      ...(kills !== undefined && { FAULTS_KILLS: kills }),
      ...(seed !== undefined && { FAULTS_SEED: seed }),
    },
  });
  child.on("error", (error) => {
    console.error(error.message);
    process.exitCode = 127;
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
