import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "admin",
    environment: "node",
    include: ["test/**/*.test.ts"],
    // One stack serves a file's tests; each of them starts the command as its users do.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
