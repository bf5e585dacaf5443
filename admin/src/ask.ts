import { confirm, password, text } from "@clack/prompts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

/** Whether there is a person to ask. */
function isInteractive(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && process.env["CI"] === undefined;
}

/** Asks for a secret on a terminal; elsewhere it says where the secret is looked for. */
export async function askSecret(message: string, elsewhere: string): Promise<string> {
  if (!isInteractive()) throw new Failure(exitCodes.forbidden, "no_credential", elsewhere);
  return answered(await password({ message, output: process.stderr }));
}

/** Asks before what cannot be taken back; without a terminal `--yes` says it. */
export async function askToGoOn(message: string, isGranted: boolean): Promise<void> {
  if (isGranted) return;
  if (!isInteractive()) {
    throw new Failure(exitCodes.usage, "not_confirmed", `${message} Say --yes to go on.`);
  }
  if (!answered(await confirm({ message, initialValue: false, output: process.stderr }))) throw stopped();
}

/** Has a word typed before what cannot be taken back at all. */
export async function askToType(message: string, word: string, isGranted: boolean): Promise<void> {
  if (isGranted) return;
  if (!isInteractive()) {
    throw new Failure(exitCodes.usage, "not_confirmed", `${message} Say --yes to go on.`);
  }
  const typed = answered(
    await text({ message: `${message} Type ${word} to go on.`, output: process.stderr }),
  );
  if (typed.trim() !== word) throw stopped();
}

/** What was answered; Ctrl-C in a prompt is answered with a symbol. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (isAnswer(answer)) return answer;
  throw stopped();
}

function isAnswer<T>(answer: T): answer is Exclude<T, symbol> {
  return typeof answer !== "symbol";
}

function stopped(): Failure {
  return new Failure(exitCodes.failed, "stopped", "Stopped; nothing was changed.");
}
