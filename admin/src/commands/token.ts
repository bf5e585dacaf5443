import {
  bearerSchema,
  type ClassResponse,
  type MemberResponse,
  meSchema,
  studentTokenSchema,
} from "@cell-monitor/protocol";
import { type Command, Option } from "commander";
import { doing } from "../command.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { findMember } from "./members.ts";

interface TokenOptions {
  readonly class?: string;
  readonly person?: string;
  readonly student?: string;
}

const token = doing<[], TokenOptions>(async (context, options) => {
  const { person, student } = options;
  if (person === undefined && student === undefined) {
    await context.api.call(meSchema, "/auth/me");
    const own = await context.bearer();
    context.out.result({ token: own }, own);
    return;
  }
  if (options.class === undefined) {
    throw new Failure(exitCodes.usage, "usage", "Of which class? Say --class <id or code>.");
  }
  const found = await context.findClass(options.class);
  const made =
    person === undefined
      ? await ofStudent(context, found, student ?? "")
      : await ofPerson(context, found, await findMember(context, found.id, person));
  context.out.result(made, made.token);
});

function ofStudent({ api }: Context, { id }: ClassResponse, userId: string) {
  return api.call(studentTokenSchema, `/classes/${id}/student-tokens`, { body: { user_id: userId } });
}

function ofPerson({ api }: Context, { id }: ClassResponse, { id: instructorId }: MemberResponse) {
  const body = { instructor_id: instructorId };
  return api.call(bearerSchema, `/classes/${id}/instructor-tokens`, { body });
}

export function addTokenCommand(program: Command): void {
  program
    .command("token")
    .description("print a bearer token for scripts: this command's own, or a day's of somebody in a class")
    .option("--class <class>", "the class's id or code")
    .addOption(
      new Option("--person <person>", "e-mail address or id of who teaches there").conflicts("student"),
    )
    .option("--student <user>", "a student's user id, as their Hub knows it")
    .action(token);
}
