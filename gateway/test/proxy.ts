import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP connection to somewhere else, which a test can cut. */
export interface Proxy {
  close(): Promise<void>;
}

export async function openProxy(port: number, target: URL): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on("error", () => each.destroy());
    }
    socket.pipe(upstream).pipe(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
