import type { LiveSocket, Platform } from "@cell-monitor/client";

/** A machine's way to the network, which may be cut. */
export class Network {
  readonly #platform: Platform;
  readonly #sockets = new Set<LiveSocket>();
  #isOnline = true;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** The platform as it is behind this network. */
  get platform(): Platform {
    const { fetch, openSocket } = this.#platform;
    return {
      ...this.#platform,
      fetch: (url, init) => (this.#isOnline ? fetch(url, init) : Promise.reject(down())),
      ...(openSocket && { openSocket: (url, protocols) => this.#track(openSocket, url, protocols) }),
    };
  }

  cut(): void {
    this.#isOnline = false;
    for (const socket of this.#sockets) socket.close(1000);
    this.#sockets.clear();
  }

  mend(): void {
    this.#isOnline = true;
  }

  #track(openSocket: NonNullable<Platform["openSocket"]>, url: string, protocols: string[]): LiveSocket {
    if (!this.#isOnline) throw down();
    const socket = openSocket(url, protocols);
    this.#sockets.add(socket);
    socket.addEventListener("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

function down(): TypeError {
  return new TypeError("The network is down.");
}
