import * as v from "valibot";
import type { TestProject } from "vitest/node";
import { startChild } from "./child.ts";

declare module "vitest" {
  export interface ProvidedContext {
    oidcIssuer: string;
  }
}

/** An OpenID provider for the suite. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { ready, close } = await startChild("oidc-provider.mjs", v.object({ issuer: v.string() }));
  project.provide("oidcIssuer", ready.issuer);
  return close;
}
