import { describe, expect, it } from "vitest";

import { readArgs, type Settings } from "../src/args.ts";

function settingsOf(...args: string[]): Settings {
  const parsed = readArgs(args);
  if (parsed.kind !== "run") throw new Error(`not run: ${JSON.stringify(parsed)}`);
  return parsed.settings;
}

describe("the command line", () => {
  it("has a default for everything", () => {
    expect(settingsOf()).toEqual({
      port: 8787,
      dataDir: ".local",
      reset: false,
      students: 30,
      json: false,
      verbose: false,
    });
  });

  it("takes every flag, with = or a blank", () => {
    expect(
      settingsOf("--port=0", "--data", "elsewhere", "--reset", "--students", "5", "--json", "--verbose"),
    ).toEqual({ port: 0, dataDir: "elsewhere", reset: true, students: 5, json: true, verbose: true });
  });

  it("simulates nobody with --no-demo, whatever --students says", () => {
    expect(settingsOf("--no-demo", "--students", "5").students).toBe(0);
  });

  it("gives help before it looks at anything else that is right", () => {
    expect(readArgs(["--help"])).toEqual({ kind: "help" });
    expect(readArgs(["-h", "--port", "1"])).toEqual({ kind: "help" });
  });

  it.each([
    [["--port", "65536"], "--port"],
    [["--port", "-1"], "--port"],
    [["--port", "8e3"], "--port"],
    [["--port", ""], "--port"],
    [["--students", "501"], "--students"],
    [["--students", "many"], "--students"],
    [["--data", " "], "--data"],
    [["--data"], "--data"],
    [["--reset=yes"], "--reset"],
    [["--wipe"], "--wipe"],
    [["start"], "start"],
  ])("names what is wrong in %j", (args, named) => {
    const parsed = readArgs(args);
    expect(parsed.kind).toBe("mistake");
    expect(parsed).toHaveProperty("message", expect.stringContaining(named));
  });
});
