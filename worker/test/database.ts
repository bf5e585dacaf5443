import { neon } from "@neondatabase/serverless";
import { testEnv } from "./api.ts";

/** Runs a statement on the suite's database, past the worker, and answers its rows. */
export async function rows(text: string, parameters: unknown[]): Promise<Record<string, unknown>[]> {
  return neon(testEnv().DATABASE_URL ?? "").query(text, parameters);
}

/** Runs a statement on the suite's database, past the worker. */
export async function execute(text: string, parameters: unknown[]): Promise<void> {
  await rows(text, parameters);
}
