import { once } from "node:events";
import { createServer } from "node:net";
import * as v from "valibot";

/** A port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  server.close();
  await once(server, "close");
  return port;
}
