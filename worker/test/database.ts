import { neon } from "@neondatabase/serverless";
import { testEnv } from "./api.ts";

/** Runs a statement on the suite's database, past the worker. */
export async function execute(text: string, parameters: unknown[]): Promise<void> {
  await neon(testEnv().DATABASE_URL ?? "").query(text, parameters);
}
