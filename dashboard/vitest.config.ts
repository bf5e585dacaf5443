import solid from "vite-plugin-solid";
import { defineProject } from "vitest/config";

export default defineProject({
  plugins: [solid()],
  test: { name: "dashboard", environment: "jsdom", include: ["test/**/*.test.{ts,tsx}"] },
});
