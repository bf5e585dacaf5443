import { type LessonResponse, lessonResponseSchema } from "@cell-monitor/protocol";
import type { Command } from "commander";
import { doing } from "../command.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { table } from "../output.ts";

const list = doing<[string]>(async (context, _options, named) => {
  const { id } = await context.findClass(named);
  const lessons = await context.api.all(lessonResponseSchema, "/lessons", { class_id: id });
  const rows = lessons.map((one) => [
    one.title,
    one.state,
    one.started_at ?? one.planned_start ?? "-",
    one.id,
  ]);
  context.out.result(lessons, table(["TITLE", "STATE", "FROM", "ID"], rows));
});

const start = doing<[string], { readonly title: string }>(async (context, { title }, named) => {
  const { id } = await context.findClass(named);
  const body = { class_id: id, title };
  const made = await context.api.call(lessonResponseSchema, "/lessons", { body });
  await step(context, made.id, "start", (lesson) => `${lesson.title} goes on.`);
});

const stepOf = (name: "stop" | "break" | "resume", said: string) =>
  doing<[string]>(async (context, _options, named) => {
    const { id } = await context.findClass(named);
    const lessons = await context.api.all(lessonResponseSchema, "/lessons", { class_id: id });
    const current = lessons.find(({ state }) => state === "going_on" || state === "break");
    if (!current) throw new Failure(exitCodes.notFound, "not_found", "No lesson goes on in this class.");
    await step(context, current.id, name, ({ title }) => `${title} ${said}.`);
  });

async function step(
  { api, out }: Context,
  lessonId: string,
  name: string,
  text: (lesson: LessonResponse) => string,
): Promise<void> {
  const lesson = await api.call(lessonResponseSchema, `/lessons/${lessonId}/${name}`, { method: "POST" });
  out.result(lesson, text(lesson));
}

export function addLessonCommands(program: Command): void {
  const lessons = program.command("lesson").description("lessons, by which a class's work is counted");
  const ofClass = ["<class>", "the class's id or code"] as const;
  lessons
    .command("list")
    .description("a class's lessons, the latest first")
    .argument(...ofClass)
    .action(list);
  lessons
    .command("start")
    .description("start a lesson now")
    .argument(...ofClass)
    .requiredOption("--title <title>", "what it is called")
    .action(start);
  const steps = [
    ["stop", "is over", "end the lesson that goes on"],
    ["break", "is on a break", "take a break"],
    ["resume", "goes on", "end the break"],
  ] as const;
  for (const [name, said, description] of steps) {
    lessons
      .command(name)
      .description(description)
      .argument(...ofClass)
      .action(stepOf(name, said));
  }
}
