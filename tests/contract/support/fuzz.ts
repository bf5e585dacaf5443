import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireBinary } from "../../e2e/support/binaries.ts";

export const schemathesis = ".venv/bin/schemathesis";

/** What holds of every answer, whatever was asked. */
const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
];

/** By their ids: what would end the asker's own credential, or what it works on, in the middle of the run. */
const leftOut = ["post_auth_logout_everywhere", "delete_classes_classId"];

/** Of one run: then what is left is not asked. */
const longestS = 40;

export interface Fuzzing {
  /** Of the stack. */
  readonly url: string;
  readonly token: string;
  /** Stands in every address and query that asks for a class, so that there is something behind them. */
  readonly classId: string;
  /** For files of its own. */
  readonly folder: string;
}

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Has requests made up from the API's own description, good ones and bad ones, and holds the answers against it. */
export async function fuzz({ url, token, classId, folder }: Fuzzing): Promise<Outcome> {
  const config = join(folder, "schemathesis.toml");
  // Named by its variable: the token itself is for no process list.
  writeFileSync(
    config,
    [
      'headers = { Authorization = "Bearer ${FUZZ_TOKEN}" }',
      "[parameters]",
      `"path.classId" = "${classId}"`,
      `"query.class_id" = "${classId}"`,
    ].join("\n"),
  );
  const child = spawn(
    requireBinary(schemathesis),
    [
      "--config-file",
      config,
      "run",
      `${url}/api/v1/openapi.json`,
      "--no-color",
      `--checks=${checks.join(",")}`,
      "--phases=coverage,fuzzing",
      "--max-examples=10",
      `--max-time=${longestS}`,
      "--seed=1",
      "--no-shrink",
      "--request-timeout=30",
      "--generation-database=none",
      "--suppress-health-check=all",
      "--warnings=off",
      ...leftOut.flatMap((id) => ["--exclude-operation-id", id]),
    ],
    { cwd: folder, env: { ...process.env, FUZZ_TOKEN: token }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output };
}
