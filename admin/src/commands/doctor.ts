import type { Command } from "commander";
import { doing } from "../command.ts";
import { checks, find, type Finding } from "../doctor/checks.ts";
import { exitCodes } from "../exit-codes.ts";

const signs = { ok: "ok", warning: "?", wrong: "WRONG" } as const;

const doctor = doing<[]>(async (context) => {
  // Without a target there is nothing to look at, and the sentence says how to name one.
  void context.target;
  const findings: Finding[] = [];
  for (const [name, check] of checks) {
    context.out.progress(`looking at: ${name}`);
    const finding = await find(context, name, check);
    if (finding) findings.push(finding);
  }
  context.out.progressEnd();
  const isWell = findings.every(({ status }) => status !== "wrong");
  const lines = findings.map(
    ({ name, status, detail }) => `${signs[status].padEnd(6)} ${name.padEnd(15)} ${detail}`,
  );
  context.out.result({ ok: isWell, findings }, lines.join("\n"));
  if (!isWell) process.exitCode = exitCodes.failed;
});

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("look at what a deployment, or the stack here, needs to work")
    .action(doctor);
}
