import { deadLetterListSchema, replayResponseSchema, sinkNames } from "@cell-monitor/protocol";
import { type Command, Option } from "commander";
import { doing } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

interface ReplayOptions {
  readonly sink?: string;
  readonly dryRun: boolean;
}

const oneRequest = 100;

/** Offers all letters, a hundred at a time, until what is left is what the stores refuse still. */
const replay = doing<[string], ReplayOptions>(async (context, { sink, dryRun }, named) => {
  const { api, out } = context;
  const { id } = await context.findClass(named);
  const path = `/classes/${id}/dead-letters`;
  const letters = await api.call(deadLetterListSchema, path, { query: { sink, limit: 200 } });
  if (dryRun) {
    const lines = letters.map(
      ({ id, sink, event_type, reason }) => `${id}  ${sink}  ${event_type}  ${reason}`,
    );
    out.result({ replayed: 0, kept: letters }, lines.join("\n") || "There are none.");
    return;
  }
  let replayed = 0;
  const kept = new Map<number, string>();
  for (;;) {
    const left = (await api.call(deadLetterListSchema, path, { query: { sink, limit: 200 } })).filter(
      (letter) => !kept.has(letter.id),
    );
    const ids = left.slice(0, oneRequest).map((letter) => letter.id);
    if (ids.length === 0) break;
    const answer = await api.call(replayResponseSchema, `${path}/replay`, { body: { ids } });
    replayed += answer.replayed;
    for (const letter of answer.kept) kept.set(letter.id, letter.reason);
    out.progress(`${replayed} taken, ${kept.size} refused still`);
  }
  out.progressEnd();
  const result = { replayed, kept: Array.from(kept, ([id, reason]) => ({ id, reason })) };
  const lines = result.kept.map(({ id, reason }) => `${id}  ${reason}`);
  out.result(result, [`${replayed} taken, ${kept.size} refused still.`, ...lines].join("\n"));
  if (kept.size > 0) process.exitCode = exitCodes.partly;
});

export function addReplayCommand(program: Command): void {
  program
    .command("replay")
    .description("offer what was refused again")
    .command("dead-letters")
    .description("offer events that a store refused for good to it again")
    .argument("<class>", "the class's id or code")
    .addOption(new Option("--sink <sink>", "only what this store refused").choices(sinkNames))
    .option("--dry-run", "only list them", false)
    .action(replay);
}
