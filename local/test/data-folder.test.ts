import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { describe, expect, it, onTestFinished } from "vitest";

import { DataFolder } from "../src/data-folder.ts";
import { StackError } from "../src/stack-error.ts";
import { temporaryFolder } from "./temporary.ts";

const holder = fileURLToPath(new URL("fixtures/hold-folder.ts", import.meta.url));

describe("a data folder", () => {
  it("is refused to a second process, and free again when the first one was killed", async () => {
    const folder = temporaryFolder();
    const first = spawn(process.execPath, [holder, folder], { stdio: ["ignore", "pipe", "ignore"] });
    onTestFinished(() => void first.kill("SIGKILL"));
    await once(first.stdout, "data");
    expect(() => DataFolder.open(folder)).toThrow(/already running/);
    first.kill("SIGKILL");
    await once(first, "exit");
    DataFolder.open(folder).release();
  });

  it("is refused twice in one process, too, and free after release", () => {
    const folder = temporaryFolder();
    const first = DataFolder.open(folder);
    expect(() => DataFolder.open(folder)).toThrow(StackError);
    first.release();
    DataFolder.open(folder).release();
  });

  it("is not taken where something else is kept", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "thesis.txt"), "");
    expect(() => DataFolder.open(folder)).toThrow(/holds something else/);
    expect(readdirSync(folder)).toEqual(["thesis.txt"]);
  });

  it("keeps what was written over a release, for this user alone", () => {
    const folder = temporaryFolder();
    const first = DataFolder.open(folder);
    first.write("word.json", { word: "hush" });
    first.release();
    const second = DataFolder.open(folder);
    expect(second.read("word.json", v.object({ word: v.string() }))).toEqual({ word: "hush" });
    expect(statSync(join(folder, "word.json")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    second.release();
  });

  it.each(["{", '{"word":1}'])("says which file is damaged: %s", (content) => {
    const data = DataFolder.open(temporaryFolder());
    writeFileSync(join(data.path, "word.json"), content);
    expect(() => data.read("word.json", v.object({ word: v.string() }))).toThrow(/word\.json is damaged/);
    data.release();
  });

  it("forgets everything when wiped, and stays held", () => {
    const data = DataFolder.open(temporaryFolder());
    data.write("word.json", 1);
    data.folder("objects");
    data.wipe();
    expect(existsSync(join(data.path, "word.json"))).toBe(false);
    expect(existsSync(join(data.path, "objects"))).toBe(false);
    expect(() => DataFolder.open(data.path)).toThrow(/already running/);
    data.release();
    DataFolder.open(data.path).release();
  });
});
