import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const minuteMs = 60_000;

/**
 * The end-to-end proof, and what holds the served API to its description, start real servers and browsers: one file at
 * a time, and patience.
 */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    name: "end-to-end",
    include: ["e2e/**/*.test.ts", "contract/**/*.test.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: minuteMs,
    hookTimeout: 3 * minuteMs,
    expect: { poll: { interval: 20 } },
  },
});
