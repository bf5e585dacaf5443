import { type LiveSocket, systemPlatform } from "@cell-monitor/client";
import { describe, expect, it } from "vitest";

import { Network } from "../src/simulator/network.ts";

function start() {
  const closed: string[] = [];
  const openSocket = (url: string): LiveSocket => ({
    addEventListener: () => undefined,
    send: () => undefined,
    close: () => closed.push(url),
  });
  const fetch = () => Promise.resolve(new Response("here"));
  const network = new Network({ ...systemPlatform, fetch, openSocket });
  return { network, closed, ...network.platform };
}

describe("a network that is cut", () => {
  it("closes what was open, and lets nothing through until it is mended", async () => {
    const { network, closed, fetch, openSocket } = start();
    openSocket?.("ws://class.test/1", []);
    network.cut();
    expect(closed).toEqual(["ws://class.test/1"]);
    expect(() => openSocket?.("ws://class.test/2", [])).toThrow(TypeError);
    await expect(fetch("http://class.test", {})).rejects.toThrow(TypeError);
    network.mend();
    openSocket?.("ws://class.test/3", []);
    expect(await (await fetch("http://class.test", {})).text()).toBe("here");
    expect(closed).toHaveLength(1);
  });
});
