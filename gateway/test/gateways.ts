import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { neonConfig } from "@neondatabase/serverless";
import { onTestFinished } from "vitest";

import { type Gateway, type GatewayOptions, startGateway } from "../src/index.ts";

export const PASSWORD = "a password: with @ and / in it";
export const TOKEN = "a-token-of-the-tests";

/** Neon's driver goes to the host and port of the connection string it was given. */
neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;

/** A gateway on a free port; whoever starts it closes it. */
export function openGateway(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  return startGateway({ port: 0, postgresPassword: PASSWORD, influxToken: TOKEN, log: () => {}, ...options });
}

/** A gateway that is closed when the test ends. */
export async function gatewayForTest(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const gateway = await openGateway(options);
  onTestFinished(() => gateway.close());
  return gateway;
}

/** A folder that is removed when the test ends. Ask for it before what uses it. */
export async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gateway-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
