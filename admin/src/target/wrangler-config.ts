import { existsSync, readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";

const route = v.union([
  v.string(),
  v.object({ pattern: v.string(), custom_domain: v.optional(v.boolean(), false) }),
]);
const environment = {
  name: v.optional(v.string()),
  vars: v.optional(v.record(v.string(), v.unknown()), {}),
  route: v.optional(route),
  routes: v.optional(v.array(route), []),
};
const configSchema = v.object({
  ...environment,
  env: v.optional(v.record(v.string(), v.object(environment)), {}),
});

/** A deployment as wrangler's configuration describes it. */
export interface Deployment {
  readonly workerName: string | undefined;
  readonly vars: Readonly<Record<string, unknown>>;
  /** Where it is reached, as far as the configuration says: `PUBLIC_ORIGIN`, or a custom domain. */
  readonly url: string | undefined;
}

/**
 * Reads one environment of a wrangler.toml. As wrangler has it, variables are not inherited from the top level, the name
 * is, with the environment's behind it.
 */
export function readDeployment(file: string, env: string | undefined): Deployment | undefined {
  if (!existsSync(file)) return undefined;
  const config = parseConfig(file);
  const chosen = env === undefined ? config : config.env[env];
  if (!chosen) {
    const known = Object.keys(config.env).join(", ") || "none";
    throw usage(`${file} has no environment ${env}; it has: ${known}.`);
  }
  const name = env === undefined ? config.name : (chosen.name ?? `${config.name}-${env}`);
  return { workerName: name, vars: chosen.vars, url: urlOf(chosen) };
}

function urlOf({
  vars,
  route,
  routes,
}: v.InferOutput<typeof configSchema>["env"][string]): string | undefined {
  const origin = vars["PUBLIC_ORIGIN"];
  if (typeof origin === "string" && origin !== "") return origin.replace(/\/+$/, "");
  const domain = [...(route === undefined ? [] : [route]), ...routes].find(
    (known) => typeof known === "object" && known.custom_domain,
  );
  return typeof domain === "object" ? `https://${domain.pattern}` : undefined;
}

function parseConfig(file: string): v.InferOutput<typeof configSchema> {
  try {
    return v.parse(configSchema, parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (error instanceof TomlError) throw usage(`${file} is no TOML: ${error.message.split("\n")[0]}`);
    if (error instanceof v.ValiError) throw usage(`${file}: ${error.message}`);
    throw error;
  }
}

function usage(message: string): Failure {
  return new Failure(exitCodes.usage, "usage", message);
}
