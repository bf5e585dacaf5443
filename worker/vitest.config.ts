import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineProject } from "vitest/config";

export default defineProject({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "../wrangler.toml" },
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
    name: "worker",
    include: ["test/**/*.test.ts"],
    globalSetup: ["./test/start-gateway.ts", "./test/start-oidc.ts"],
  },
});
