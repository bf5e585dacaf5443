import { defineConfig } from "vite";
import solid from "vite-plugin-solid";

export default defineConfig({
  plugins: [solid()],
  build: {
    // `light-dark()` reaches the browser as it is written: what is older than it is not served.
    target: ["chrome123", "firefox128", "safari17.5"],
    // An inlined asset is a data: URL, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
