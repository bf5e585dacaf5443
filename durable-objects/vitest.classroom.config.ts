import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineProject } from "vitest/config";

export default defineProject({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "../wrangler.toml" },
      miniflare: {
        bindings: {
          INFLUX_URL: "http://influx.example",
          INFLUX_TOKEN: "token",
          INFLUX_BUCKET: "bucket",
          PSEUDONYM_KEY: "p".repeat(43),
        },
        // A store that takes everything, but for one class, of which it wants to hear nothing for five minutes, one
        // that it never answers, and one notebook, whose events it will never take.
        outboundService: async (request: { text(): Promise<string> }) => {
          const text = await request.text();
          if (text.includes("class=hung")) return new Promise<Response>(() => {});
          if (text.includes("class=refused"))
            return new Response(null, { status: 503, headers: { "retry-after": "300" } });
          return new Response(null, { status: text.includes("unwritable") ? 400 : 204 });
        },
      },
    }),
  ],
  test: {
    name: "classroom",
    include: ["test/classroom/workerd/**/*.test.ts"],
  },
});
