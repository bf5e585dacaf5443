import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { neonConfig } from "@neondatabase/serverless";
import { onTestFinished } from "vitest";

import { type Gateway, type GatewayOptions, type Point, startGateway } from "../src/index.ts";
import { createInflux, type InfluxOptions } from "../src/influx/influx.ts";
import { influxRoutes } from "../src/influx/route.ts";
import { listen } from "../src/listen.ts";

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

/** What InfluxDB's clients see of the gateway, without the database beside it. */
export interface InfluxServer {
  readonly influxUrl: string;
  points(): readonly Point[];
  close(): Promise<void>;
}

/** The gateway's InfluxDB on a free port; whoever starts it closes it. */
export async function openInflux(options: InfluxOptions = {}, folder?: string): Promise<InfluxServer> {
  const target = await createInflux(options, folder);
  const routes = influxRoutes({ target, token: TOKEN, maxBodyBytes: 50 * 1024 * 1024 });
  const listening = await listen(routes, 0);
  return {
    influxUrl: `http://127.0.0.1:${listening.port}`,
    points: () => target.points(),
    close: async () => {
      await listening.close(0);
      await target.close();
    },
  };
}

/** The gateway's InfluxDB, closed when the test ends. */
export async function influxForTest(options: InfluxOptions = {}, folder?: string): Promise<InfluxServer> {
  const server = await openInflux(options, folder);
  onTestFinished(() => server.close());
  return server;
}

/** A folder that is removed when the test ends. Ask for it before what uses it. */
export async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gateway-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
