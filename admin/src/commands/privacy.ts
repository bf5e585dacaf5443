import {
  consentRecordSchema,
  enrolmentResponseSchema,
  type ErasureReceipt,
  erasureReceiptSchema,
  studentErasureSchema,
} from "@cell-monitor/protocol";
import type { Command } from "commander";
import { askToType } from "../ask.ts";
import { doing } from "../command.ts";
import { type Context, isId } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { table } from "../output.ts";

interface Found {
  readonly id: string;
  /** What is typed to erase them. */
  readonly name: string;
}

/** A student by what their Hub calls them, their address or their id; an id may be of one who is half erased. */
async function findStudent({ api }: Context, classId: string, named: string): Promise<Found> {
  const students = await api.all(enrolmentResponseSchema, `/classes/${classId}/enrolments`);
  const [found, other] = students.filter((one) => [one.user_id, one.email, one.student_id].includes(named));
  if (other) {
    throw new Failure(
      exitCodes.usage,
      "usage",
      `${named} stands for more than one student: give the id of one.`,
    );
  }
  if (found) return { id: found.student_id, name: found.name || named };
  if (isId(named)) return { id: named.toLowerCase(), name: named };
  throw new Failure(exitCodes.notFound, "not_found", `The class has no student ${named}.`);
}

const erase = doing<[string, string], { readonly everywhere: boolean }>(
  async (context, { everywhere }, named, student) => {
    const { api, out, options } = context;
    const found = await context.findClass(named);
    const { id, name } = await findStudent(context, found.id, student);
    const where = everywhere ? "every class" : found.name;
    await askToType(`Erase ${name} (${id}) from ${where}? This cannot be undone.`, name, options.yes);
    out.progress(`erasing ${name}`);
    const receipts = everywhere
      ? (await api.call(studentErasureSchema, `/students/${id}`, { method: "DELETE" })).receipts
      : [
          await api.call(erasureReceiptSchema, `/classes/${found.id}/students/${id}/erase`, {
            method: "POST",
          }),
        ];
    out.progressEnd();
    out.result(everywhere ? { receipts } : receipts[0], receipts.map(shown).join("\n\n"));
    if (receipts.some(({ erased }) => erased.influx === "failed")) process.exitCode = exitCodes.partly;
  },
);

function shown({ id, class_id, requested_at, erased, remains }: ErasureReceipt): string {
  return [
    `Receipt ${id}: class ${class_id}, ${requested_at}`,
    `  the class's storage  ${counts(erased.class)}`,
    `  PostgreSQL           ${counts(erased.database)}`,
    `  InfluxDB             ${erased.influx.replaceAll("_", " ")}`,
    ...remains.map((what) => `  remains: ${what}`),
  ].join("\n");
}

function counts(byName: Readonly<Record<string, number>>): string {
  const named = Object.entries(byName).filter(([, count]) => count > 0);
  return named.map(([name, count]) => `${count} ${name}`).join(", ") || "nothing";
}

const erasures = doing<[string]>(async (context, _options, named) => {
  const { id } = await context.findClass(named);
  const receipts = await context.api.all(erasureReceiptSchema, `/classes/${id}/erasures`);
  context.out.result(receipts, receipts.map(shown).join("\n\n") || "(none)");
});

const consents = doing<[string]>(async (context, _options, named) => {
  const { id } = await context.findClass(named);
  const choices = await context.api.all(consentRecordSchema, `/classes/${id}/consents`);
  const rows = choices.map((one) => [one.at, one.student_id, one.choice, String(one.version)]);
  context.out.result(choices, table(["AT", "STUDENT", "CHOICE", "VERSION"], rows));
});

export function addPrivacyCommands(program: Command): void {
  const ofClass = ["<class>", "the class's id or code"] as const;
  program
    .command("erase")
    .description("erase a student for good, and print the receipt")
    .argument(...ofClass)
    .argument("<student>", "user id, e-mail address or id")
    .option("--everywhere", "from every class, not this one alone", false)
    .action(erase);
  program
    .command("erasures")
    .description("receipts of what was erased from a class")
    .argument(...ofClass)
    .action(erasures);
  program
    .command("consent")
    .description("what students agreed to")
    .command("list")
    .description("every choice that a class's students made, the newest first")
    .argument(...ofClass)
    .action(consents);
}
