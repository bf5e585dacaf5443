import { once } from "node:events";
import { createServer } from "node:net";

import { StackError } from "./stack-error.ts";

/** A free port; the one asked for, unless that is 0. Known before the worker starts, since it is told its address. */
export async function choosePort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("A TCP server has no port.");
    return address.port;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE")
      throw new StackError(`Port ${port} is in use: choose another one with --port.`);
    if (code === "EACCES")
      throw new StackError(`Port ${port} is not for everybody: choose another one with --port.`);
    throw error;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
