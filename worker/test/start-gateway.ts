import * as v from "valibot";
import type { TestProject } from "vitest/node";
import { startChild } from "./child.ts";

declare module "vitest" {
  export interface ProvidedContext {
    databaseUrl: string;
    neonSqlUrl: string;
  }
}

/** A database for the suite, empty but for its tables. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const schema = v.object({ databaseUrl: v.string(), sqlUrl: v.string() });
  const { ready, close } = await startChild("gateway-process.mjs", schema);
  project.provide("databaseUrl", ready.databaseUrl);
  project.provide("neonSqlUrl", ready.sqlUrl);
  return close;
}
