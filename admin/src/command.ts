import { Command } from "commander";
import { Context, type GlobalOptions } from "./context.ts";

/** Of the command line as a whole, with what was said on any of its levels. */
function contextOf(command: Command): Context {
  return new Context(command.optsWithGlobals<GlobalOptions>(), process.env);
}

type Work<Args extends readonly unknown[], Options> = (
  context: Context,
  options: Options,
  ...args: Args
) => Promise<void>;

/**
 * What commander calls: arguments, options, the command. Handed on with the context in front.
 * @param work its arguments and options are typed by what the command declares
 */
export function doing<Args extends readonly unknown[], Options = object>(work: Work<Args, Options>) {
  return async (...given: [...args: Args, options: Options, command: Command]): Promise<void> => {
    const command = given.at(-1);
    if (!(command instanceof Command)) throw new TypeError("A command calls with itself.");
    const rest = given.slice(0, -2);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- commander's order, as the tuple above has it
    await work(contextOf(command), given.at(-2) as Options, ...(rest as unknown as Args));
  };
}
