#!/usr/bin/env node
// Stands for Cloudflare: keeps what it is told in a file, and answers as wrangler does.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
const file = process.env.FAKE_WRANGLER;
const args = process.argv.slice(2);
const input = args[1] === "put" ? readFileSync(0, "utf8").trim() : "";
const calls = existsSync(file)
  ? readFileSync(file, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];
appendFileSync(file, `${JSON.stringify({ args, input })}\n`);
if (args[0] === "secret" && args[1] === "list" && process.env.FAKE_WRANGLER_SILENT) {
  process.stderr.write("A request to the Cloudflare API failed.\n");
  process.exitCode = 1;
} else if (args[0] === "secret" && args[1] === "list") {
  const names = calls
    .filter((call) => call.args[1] === "put")
    .map((call) => ({ name: call.args[2], type: "secret_text" }));
  process.stdout.write(JSON.stringify(names));
}
if (args[0] === "deploy") process.stdout.write("Uploaded\n");
