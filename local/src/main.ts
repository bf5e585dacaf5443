import { help, readArgs, type Settings } from "./args.ts";
import { logTo } from "./log.ts";
import { Progress } from "./progress.ts";
import { type Stack, startStack } from "./stack.ts";
import { StackError } from "./stack-error.ts";

const parsed = readArgs(process.argv.slice(2));
if (parsed.kind === "help") {
  process.stdout.write(help);
} else if (parsed.kind === "mistake") {
  process.stderr.write(`${parsed.message}\nTry: npm start -- --help\n`);
  process.exitCode = 2;
} else {
  await run(parsed.settings);
}

async function run(settings: Settings): Promise<void> {
  const progress = new Progress(process.stderr);
  const stopped = stopSignal();
  try {
    const starting = startStack({
      port: settings.port,
      dataDir: settings.dataDir,
      reset: settings.reset,
      students: settings.students,
      stores: process.env,
      log: logTo(process.stderr, settings.verbose ? "everything" : "trouble"),
      onProgress: (what) => progress.show(what),
    });
    // A signal during the start ends it as soon as there is something to end.
    const stack = await starting;
    progress.end();
    if (!stopped.isRequested()) announce(stack, settings);
    const failure = await Promise.race([stack.failure, stopped.promise]);
    if (failure === undefined) process.stderr.write("Ending.\n");
    await stack.close();
    if (failure !== undefined) fail(failure);
    else process.exit(0);
  } catch (error) {
    progress.end();
    fail(error);
  }
}

/** The first SIGINT or SIGTERM asks for the end, the second doesn't wait for it. */
function stopSignal(): { readonly promise: Promise<undefined>; readonly isRequested: () => boolean } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let isRequested = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (isRequested) process.exit(1);
      isRequested = true;
      resolve(undefined);
    });
  }
  return { promise, isRequested: () => isRequested };
}

function announce(stack: Stack, settings: Settings): void {
  if (settings.json) {
    const { gateway: _gateway, failure: _failure, close: _close, ...shown } = stack;
    process.stdout.write(`${JSON.stringify(shown)}\n`);
    return;
  }
  process.stdout.write(`
  Dashboard   ${stack.loginUrl}
              (this link logs one browser in, within 15 minutes; each start makes another)
  API         ${stack.url}/api/v1
  Class       ${stack.classCode}, join code ${stack.joinCode}
  Students    ${settings.students === 0 ? "none simulated" : `${settings.students} simulated`}
  Kept in     ${settings.dataDir} (--reset starts anew)

  Ctrl-C ends it.

`);
}

function fail(error: unknown): never {
  const text =
    error instanceof StackError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
