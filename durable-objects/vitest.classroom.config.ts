import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineProject } from "vitest/config";

export default defineProject({
  // No store is bound: what a class does without one, and how it keeps what it is told, is tried here.
  plugins: [cloudflareTest({ wrangler: { configPath: "../wrangler.toml" } })],
  test: {
    name: "classroom",
    include: ["test/classroom/workerd/**/*.test.ts"],
  },
});
