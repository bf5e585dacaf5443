import { defineProject } from "vitest/config";

export default defineProject({
  test: { name: "migrations", environment: "node", include: ["test/**/*.test.ts"] },
});
