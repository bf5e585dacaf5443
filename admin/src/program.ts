import { Command, InvalidArgumentError } from "commander";
import { addClassCommands } from "./commands/classes.ts";
import { addDeployCommand } from "./commands/deploy.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExportCommand } from "./commands/export.ts";
import { addHubConfigCommand } from "./commands/hub-config.ts";
import { addKeyCommands } from "./commands/keys.ts";
import { addLessonCommands } from "./commands/lessons.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { addReplayCommand } from "./commands/operate.ts";
import { addPrivacyCommands } from "./commands/privacy.ts";
import { addRosterCommands } from "./commands/roster.ts";
import { addStaffCommands } from "./commands/staff.ts";
import { addTailCommand } from "./commands/tail.ts";
import { addTokenCommand } from "./commands/token.ts";

const epilogue = `
Which worker: --url, else an environment of wrangler's configuration (--env), else the stack that "npm start" runs here, else
wrangler's top level. The credential: CELL_MONITOR_ADMIN_KEY, CELL_MONITOR_ADMIN_KEY_FILE, or somebody's CELL_MONITOR_TOKEN.

Ends with 0 when it is done, 1 when it failed, 2 when the call was wrong, 3 when what was named is not there, 4 without the
right to it, 5 when the server can't answer now, 6 when it refused, 7 when it was done in part.`;

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** The whole command line. What is said of the target may stand before or behind any command. */
export function createProgram(): Command {
  const program = new Command("cell-monitor")
    .description("Runs Cell Monitor's classes and deployments.")
    .option("--url <url>", "address of the worker")
    .option("-e, --env <name>", "environment of wrangler's configuration")
    .option("-c, --config <file>", "wrangler's configuration", "wrangler.toml")
    .option("--data <folder>", "data folder of the stack that runs here", ".local")
    .option("--json", "results as JSON on standard output", false)
    .option("-q, --quiet", "say nothing but results and errors", false)
    .option("-y, --yes", "don't ask", false)
    .showHelpAfterError("(--help says more)")
    .addHelpText("after", epilogue);
  addClassCommands(program, wholeNumber);
  addRosterCommands(program);
  addKeyCommands(program, wholeNumber);
  addStaffCommands(program);
  addLessonCommands(program);
  addExportCommand(program);
  addPrivacyCommands(program);
  addTokenCommand(program);
  addTailCommand(program);
  addReplayCommand(program);
  addHubConfigCommand(program);
  addMigrateCommand(program);
  addDoctorCommand(program);
  addDeployCommand(program);
  ownMistakes(program);
  return program;
}

/** Has no command end the process by itself, and each one's help show what holds for all. */
function ownMistakes(command: Command): void {
  command.exitOverride().configureHelp({ showGlobalOptions: true }).showHelpAfterError("(--help says more)");
  for (const child of command.commands) ownMistakes(child);
}
