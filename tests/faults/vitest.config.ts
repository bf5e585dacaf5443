import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { isLong } from "./support/mode.ts";

/** Faults are given to real servers: few files at a time, and patience. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    name: "faults",
    include: ["*.test.ts"],
    // So many pairs that a short run has no time for any.
    exclude: isLong ? [] : ["steps-back.test.ts"],
    environment: "node",
    maxWorkers: 2,
    // Tests that run at once do little but wait.
    maxConcurrency: 30,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
