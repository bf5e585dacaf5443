import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

/** What `npm start` keeps in its folder for who may read it. */
const runningSchema = v.object({ url: v.string() });
const secretsSchema = v.object({ adminKey: v.string() });

export interface LocalStack {
  readonly url: string;
  readonly adminKey: string;
}

/** The embedded stack that runs on a data folder, if one does. */
export function findLocalStack(folder: string): LocalStack | undefined {
  const running = readJson(join(folder, "running.json"), runningSchema);
  const secrets = readJson(join(folder, "secrets.json"), secretsSchema);
  return running && secrets && { url: running.url, adminKey: secrets.adminKey };
}

function readJson<Schema extends v.GenericSchema>(
  file: string,
  schema: Schema,
): v.InferOutput<Schema> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return v.parse(schema, JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
