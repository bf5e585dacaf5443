import { help, readArgs } from "./args.ts";
import { stopSignal } from "./stop-signal.ts";

const parsed = readArgs(process.argv.slice(2));
if (parsed.kind === "help") {
  process.stdout.write(help);
} else if (parsed.kind === "mistake") {
  process.stderr.write(`${parsed.message}\nTry: npm start -- --help\n`);
  process.exitCode = 2;
} else {
  const stopped = stopSignal();
  // Loaded only now: it takes a moment, in which help should be out and a signal already counts.
  const { run } = await import("./run.ts");
  process.exit(await run(parsed.settings, stopped));
}
