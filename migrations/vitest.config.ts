import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "migrations",
    environment: "node",
    include: ["test/**/*.test.ts"],
    // The first test makes a database, on machines that do other things too.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
