import { loginLinkResponseSchema, type MemberResponse, memberResponseSchema } from "@cell-monitor/protocol";
import type { Command } from "commander";
import { askToGoOn } from "../ask.ts";
import { doing } from "../command.ts";
import { table } from "../output.ts";
import { findMember } from "./members.ts";

type Role = "instructor" | "ta";

interface AddOptions {
  readonly name: string;
  readonly section?: readonly string[];
}

const addAs = (role: Role) =>
  doing<[string, string], AddOptions>(async (context, { name, section }, named, email) => {
    const { id, name: className } = await context.findClass(named);
    const body = { email, name, role, ...(section && { section_ids: section }) };
    const added = await context.api.call(memberResponseSchema, `/classes/${id}/instructors`, { body });
    context.out.result(added, `${added.name} <${added.email}> is ${roleName(added.role)} of ${className}.`);
  });

const listOf = (role: Role) =>
  doing<[string]>(async (context, _options, named) => {
    const { id } = await context.findClass(named);
    const members = await context.api.all(memberResponseSchema, `/classes/${id}/instructors`, { role });
    const rows = members.map((one) => [
      one.email,
      one.name,
      one.section_ids?.join(" ") ?? "the whole class",
      one.id,
    ]);
    context.out.result(members, table(["E-MAIL", "NAME", "SECTIONS", "ID"], rows));
  });

const removeFrom = doing<[string, string]>(async (context, _options, named, person) => {
  const { id, name } = await context.findClass(named);
  const member = await findMember(context, id, person);
  await askToGoOn(`Take ${member.name} out of ${name}? Their connections end at once.`, context.options.yes);
  const path = `/classes/${id}/instructors/${member.id}`;
  const removed = await context.api.call(memberResponseSchema, path, { method: "DELETE" });
  context.out.result(removed, `${removed.name} is no more ${roleName(removed.role)} of ${name}.`);
});

const loginLink = doing<[string, string]>(async (context, _options, named, person) => {
  const { id } = await context.findClass(named);
  const { id: instructorId, name } = await findMember(context, id, person);
  const body = { instructor_id: instructorId };
  const link = await context.api.call(loginLinkResponseSchema, `/classes/${id}/login-links`, { body });
  context.out.note(`Logs ${name} in once, until ${link.expires_at}.`);
  context.out.result(link, link.url);
});

function roleName(role: MemberResponse["role"]): string {
  return role === "ta" ? "teaching assistant" : role;
}

export function addStaffCommands(program: Command): void {
  const ofClass = ["<class>", "the class's id or code"] as const;
  const staff: readonly [Role, string][] = [
    ["instructor", "who teaches a class"],
    ["ta", "who helps to teach a class, or sections of it"],
  ];
  for (const [role, description] of staff) {
    const group = program.command(role).description(description);
    const add = group
      .command("add")
      .description("add somebody to a class, by their e-mail address")
      .argument(...ofClass)
      .argument("<email>")
      .requiredOption("--name <name>", "what they are called");
    if (role === "ta") add.option("--section <ids...>", "ids of the sections that they are confined to");
    add.action(addAs(role));
    group
      .command("list")
      .description(description)
      .argument(...ofClass)
      .action(listOf(role));
    group
      .command("remove")
      .description("take somebody out of a class")
      .argument(...ofClass)
      .argument("<person>", "e-mail address or id")
      .action(removeFrom);
  }
  program
    .command("login-link")
    .description("make a link that logs an instructor or teaching assistant in, once, within 15 minutes")
    .argument(...ofClass)
    .argument("<person>", "e-mail address or id")
    .action(loginLink);
}
