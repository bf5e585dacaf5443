import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      "*/vitest*.config.ts",
      "!tests/*",
      "tests/simulation/vitest.config.ts",
      "tests/security/vitest.config.ts",
    ],
  },
});
