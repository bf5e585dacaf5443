import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "sinks",
    environment: "node",
    include: ["test/sinks/**/*.test.ts"],
    // Whole databases are started, filled and compared, on machines that do other things too.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
