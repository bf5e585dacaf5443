import type { Settings } from "./args.ts";
import { logTo } from "./log.ts";
import { Progress } from "./progress.ts";
import { type Stack, startStack } from "./stack.ts";
import { StackError } from "./stack-error.ts";
import type { Stores } from "./stores.ts";
import type { Stopped } from "./stop-signal.ts";

/** Runs a stack until it is asked to end or a part of it fails. Returns the exit code. */
export async function run(settings: Settings, stopped: Stopped): Promise<number> {
  const progress = new Progress(process.stderr);
  try {
    // A signal during the start ends the stack as soon as it is whole: a few seconds, and nothing half begun.
    const stack = await startStack({
      port: settings.port,
      dataDir: settings.dataDir,
      reset: settings.reset,
      students: settings.students,
      stores: storesOf(process.env),
      variables: workerVariablesOf(process.env),
      log: logTo(process.stderr, settings.verbose ? "everything" : "trouble"),
      onProgress: (what) => progress.show(what),
    });
    progress.end();
    announce(stack, settings);
    const failure = await Promise.race([stack.failure, stopped]);
    process.stderr.write(failure === undefined ? "Ending.\n" : `${failure.message} Ending.\n`);
    await stack.close();
    return failure === undefined ? 0 : 1;
  } catch (error) {
    progress.end();
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
}

function storesOf(env: NodeJS.ProcessEnv): Stores {
  const set = (name: keyof Stores): string | undefined => env[name] || undefined;
  return {
    DATABASE_URL: set("DATABASE_URL"),
    INFLUX_URL: set("INFLUX_URL"),
    INFLUX_TOKEN: set("INFLUX_TOKEN"),
    INFLUX_ORG: set("INFLUX_ORG"),
    INFLUX_BUCKET: set("INFLUX_BUCKET"),
  };
}

/** How people log in, and what they may ask: settings of the worker that mean the same wherever it runs. */
function workerVariablesOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const passed = Object.entries(env).filter(([name]) => /^(?:OIDC_[A-Z_]+|LIMIT_SCALE)$/.test(name));
  return Object.fromEntries(passed.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function announce(stack: Stack, settings: Settings): void {
  if (settings.json) {
    const { gateway: _gateway, failure: _failure, close: _close, ...shown } = stack;
    process.stdout.write(`${JSON.stringify(shown)}\n`);
    return;
  }
  process.stdout.write(`
  Dashboard   ${stack.loginUrl}
              (logs one browser in, within 15 minutes; every start gives another link)
  API         ${stack.url}/api/v1
  Class       ${stack.classCode}, join code ${stack.joinCode}
  Students    ${settings.students === 0 ? "none simulated" : `${settings.students} simulated`}
  Kept in     ${settings.dataDir} (--reset starts anew)

  Ctrl-C ends it.

`);
}

function explain(error: unknown): string {
  if (error instanceof StackError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
