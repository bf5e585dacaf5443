import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";

/** The gateway answers this machine only; who would offer it further puts a proxy with TLS in front. */
export const HOST = "127.0.0.1";

export interface Listening {
  readonly port: number;
  /** Stops taking requests and lets those under way end, for at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export async function listen(app: Hono, port: number): Promise<Listening> {
  const listener = getRequestListener(app.fetch);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void listener(request, response);
  });
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      const bound = server.address();
      if (bound === null || typeof bound === "string") reject(new Error("the server has no port"));
      else resolve(bound);
    });
  });
  return { port: address.port, close: (graceMs) => close(server, graceMs) };
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

/** For the whole of a request to arrive. */
const REQUEST_TIMEOUT_MS = 30_000;
