import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { resolve } from "node:path";
import { defineProject } from "vitest/config";

/** The servers that the worker's own suite runs against. */
const setup = (name: string) => resolve(import.meta.dirname, "../../worker/test", name);

export default defineProject({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "../../wrangler.toml" },
      miniflare: {
        bindings: {
          TOKEN_KEYS: `test:${"k".repeat(43)}`,
          ADMIN_KEY: "a".repeat(43),
          PSEUDONYM_KEY: "p".repeat(43),
          PUBLIC_ORIGIN: "https://class.example",
        },
      },
    }),
  ],
  test: {
    name: "security",
    include: ["*.test.ts"],
    globalSetup: [setup("start-gateway.ts"), setup("start-oidc.ts")],
  },
});
