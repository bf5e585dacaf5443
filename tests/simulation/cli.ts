import { parseArgs } from "node:util";
import { type FaultKind, faultKinds } from "./fault-kinds.ts";
import { runSchedule } from "./schedule.ts";
import { reportOf, shrink } from "./shrink.ts";

const help = `Usage: npm run simulate -- [options]

Runs one class, its students, dashboards and stores on simulated time, each schedule drawn from a seed: crashes between any
two steps of its storage, restarts, lost and doubled messages, late alarms, stores that fail in every way. Whatever comes,
what was acknowledged must be stored once, every dashboard must show what the log says, and the class must come to rest.
A seed gives the same schedule every time.

  --seed N       the first seed (drawn)
  --schedules N  how many (1000)
  --only A,B     with these kinds of faults at most; none: without any
  --trace        prints what happens
  --help

Kinds: ${faultKinds.join(" ")}`;

const progressMs = 10_000;
const reported = 3;

const { values } = parse();
if (values.help) console.log(help);
else await run();

function parse() {
  try {
    const parsed = parseArgs({
      options: {
        seed: { type: "string" },
        schedules: { type: "string" },
        only: { type: "string" },
        trace: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
    const { seed, schedules, only } = parsed.values;
    for (const number of [seed, schedules]) {
      if (number !== undefined && !/^\d{1,9}$/.test(number)) throw new Error(`No number: ${number}`);
    }
    for (const kind of only?.split(",") ?? []) {
      if (kind !== "none" && !isKind(kind)) throw new Error(`No kind of fault: ${kind}`);
    }
    return parsed;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}

function isKind(text: string): text is FaultKind {
  return faultKinds.some((kind) => kind === text);
}

async function run(): Promise<void> {
  const first = Number(values.seed ?? Math.floor(Math.random() * 1_000_000) * 1_000);
  const count = Number(values.schedules ?? 1_000);
  const only = values.only?.split(",");
  const without = only ? faultKinds.filter((kind) => !only.includes(kind)) : [];
  const keepsTrace = values.trace === true;
  const beganMs = performance.now();
  let toldMs = beganMs;
  const sums = { steps: 0, events: 0, acked: 0 };
  const failed: number[] = [];
  const summary = (done: number) => {
    const perSecond = (done / ((performance.now() - beganMs) / 1_000)).toFixed(1);
    const { steps, events, acked } = sums;
    return `${done} schedules from seed ${first}: ${failed.length} failed; ${steps} steps, ${events} events, ${acked} acknowledged; ${perSecond} a second`;
  };
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await runSchedule({ seed, without, keepsTrace });
    sums.steps += result.steps;
    sums.events += result.events;
    sums.acked += result.acked;
    if (keepsTrace) console.log(result.trace.join("\n"));
    if (result.violation !== undefined) {
      failed.push(seed);
      if (failed.length <= reported) console.log(reportOf(await shrink({ seed, without })));
      else console.log(`Schedule ${seed} breaks a promise: ${result.violation.split("\n")[0]}`);
    }
    if (performance.now() - toldMs < progressMs) continue;
    toldMs = performance.now();
    console.error(summary(seed - first + 1));
  }
  console.log(summary(count));
  if (failed.length > 0) process.exitCode = 1;
}
