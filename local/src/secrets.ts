import { randomBytes } from "node:crypto";
import * as v from "valibot";

import type { DataFolder } from "./data-folder.ts";

const secret = v.pipe(v.string(), v.minLength(32));

const secretsSchema = v.object({
  /** Signs tokens; `id:key`. */
  tokenKeys: secret,
  adminKey: secret,
  pseudonymKey: secret,
  postgresPassword: secret,
  influxToken: secret,
});
export type Secrets = v.InferOutput<typeof secretsSchema>;

const file = "secrets.json";

/** The secrets of this data folder, drawn at its first start. */
export function keepSecrets(data: DataFolder): Secrets {
  const kept = data.read(file, secretsSchema);
  if (kept !== undefined) return kept;
  const secrets: Secrets = {
    tokenKeys: `local:${randomSecret()}`,
    adminKey: randomSecret(),
    pseudonymKey: randomSecret(),
    postgresPassword: randomSecret(),
    influxToken: randomSecret(),
  };
  data.write(file, secrets);
  return secrets;
}

function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}
