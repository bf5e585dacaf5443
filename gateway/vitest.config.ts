import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "gateway",
    environment: "node",
    include: ["test/**/*.test.ts"],
    // A database is made, killed and recovered many times, on machines that do other things too.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
