import { type KeyRecord, keyRecordSchema, keyResponseSchema, keyScopes } from "@cell-monitor/protocol";
import { type Command, Option } from "commander";
import { askToGoOn } from "../ask.ts";
import { doing } from "../command.ts";
import type { Context } from "../context.ts";
import { table } from "../output.ts";

function stateOf({ revoked_at, ends_at, expires_at }: KeyRecord, nowMs: number): string {
  if (revoked_at !== null) return "revoked";
  const endsMs = Math.min(Date.parse(expires_at), ends_at === null ? Infinity : Date.parse(ends_at));
  return `${endsMs <= nowMs ? "ended" : "ends"} ${new Date(endsMs).toISOString().slice(0, 10)}`;
}

/** The key alone goes where results go, so that it can be led into a file. */
function tellIssued({ out }: Context, made: KeyRecord & { readonly key: string }, more = ""): void {
  const until = made.expires_at.slice(0, 10);
  out.note(`The key is shown this once. Its id is ${made.id}; it is good until ${until}.${more}`);
  out.result(made, made.key);
}

interface IssueOptions {
  readonly scope: readonly string[];
  readonly name?: string;
  readonly lifetimeDays?: number;
}

const issue = doing<[string], IssueOptions>(async (context, { scope, name, lifetimeDays }, named) => {
  const { id } = await context.findClass(named);
  const body = { scopes: scope, name, lifetime_days: lifetimeDays };
  const made = await context.api.call(keyResponseSchema, `/classes/${id}/keys`, { body });
  tellIssued(context, made);
});

const list = doing<[string]>(async (context, _options, named) => {
  const { id } = await context.findClass(named);
  const keys = await context.api.all(keyRecordSchema, `/classes/${id}/keys`);
  const rows = keys.map((key) => [key.id, key.name, key.scopes.join(" "), stateOf(key, Date.now())]);
  context.out.result(keys, table(["ID", "NAME", "SCOPES", "STATE"], rows));
});

interface RotateOptions {
  readonly graceHours?: number;
  readonly lifetimeDays?: number;
}

const rotate = doing<[string, string], RotateOptions>(async (context, options, named, keyId) => {
  const { id } = await context.findClass(named);
  const body = { grace_hours: options.graceHours, lifetime_days: options.lifetimeDays };
  const made = await context.api.call(keyResponseSchema, `/classes/${id}/keys/${keyId}/rotate`, { body });
  const old =
    options.graceHours === undefined
      ? " The old one stands until it is revoked."
      : ` The old one ends in ${options.graceHours} hours.`;
  tellIssued(context, made, old);
});

const revoke = doing<[string, string]>(async (context, _options, named, keyId) => {
  const { id, name } = await context.findClass(named);
  const question = `Revoke the key ${keyId} of ${name}? Every student's credential that it minted ends with it.`;
  await askToGoOn(question, context.options.yes);
  const gone = await context.api.call(keyRecordSchema, `/classes/${id}/keys/${keyId}`, { method: "DELETE" });
  context.out.result(gone, `The key ${gone.id} is revoked.`);
});

export function addKeyCommands(program: Command, wholeNumber: (text: string) => number): void {
  const keys = program.command("key").description("class keys, with which a Hub vouches for students");
  const ofClass = ["<class>", "the class's id or code"] as const;
  keys
    .command("issue")
    .description("issue a key; it is shown once")
    .argument(...ofClass)
    .addOption(
      new Option(
        "--scope <scopes...>",
        "mint makes students' credentials, ingest brings events of any student",
      )
        .choices(keyScopes)
        .default(["mint"]),
    )
    .option("--name <name>", "what it is for")
    .option("--lifetime-days <days>", "how long it is good for", wholeNumber)
    .action(issue);
  keys
    .command("list")
    .description("a class's keys")
    .argument(...ofClass)
    .action(list);
  keys
    .command("rotate")
    .description("issue a key in another's place")
    .argument(...ofClass)
    .argument("<key>", "the old one's id")
    .option("--grace-hours <hours>", "how long the old one still stands", wholeNumber)
    .option("--lifetime-days <days>", "how long the new one is good for", wholeNumber)
    .action(rotate);
  keys
    .command("revoke")
    .description("end a key, and every credential that it minted")
    .argument(...ofClass)
    .argument("<key>", "its id")
    .action(revoke);
}
