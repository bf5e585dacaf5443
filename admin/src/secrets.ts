import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { type WranglerOptions, wrangler, wranglerOrFail } from "./wrangler.ts";

/** Secrets that a deployment does not start without, and how one is drawn; what only its owner knows is not. */
export const requiredSecrets: Readonly<Record<string, (() => string) | undefined>> = {
  TOKEN_KEYS: () => `k1:${drawn()}`,
  ADMIN_KEY: drawn,
  PSEUDONYM_KEY: drawn,
  DATABASE_URL: undefined,
};

function drawn(): string {
  return randomBytes(32).toString("base64url");
}

const listSchema = v.array(v.object({ name: v.string() }));

/** Names of the secrets that a deployment has; undefined where there is no such deployment yet. */
export async function secretNames(options: WranglerOptions): Promise<ReadonlySet<string> | undefined> {
  const { code, stdout } = await wrangler(["secret", "list", "--format", "json"], options);
  if (code !== 0) return undefined;
  const json = v.safeParse(listSchema, parseJson(stdout.slice(Math.max(0, stdout.indexOf("[")))));
  return json.success ? new Set(json.output.map(({ name }) => name)) : undefined;
}

export async function putSecret(name: string, value: string, options: WranglerOptions): Promise<void> {
  await wranglerOrFail(["secret", "put", name], { ...options, input: `${value}\n` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
