import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

import { compressed } from "../build/compressed.ts";

/** What the first screen needs, in one file: packed together it is a kilobyte smaller than apart, and asked for once. */
const FIRST = new RegExp(
  [
    "/node_modules/@?vue/",
    "plugin-vue|preload-helper",
    "/shared/src/(store|session|problems|words|outbox|ballot|ranking|api/)",
    "/resident/src/(i18n|router|session|load|mode|say|community|unread)\\.ts",
    "/resident/src/(parts/(Screen|Tabs|HelpBar|Problem|Await|KeptNote|Meter|Phrases)|areas/home/(Home|OpenRound|Switches))",
  ].join("|"),
);

export default defineConfig({
  base: "/app/",
  plugins: [vue(), compressed()],
  define: {
    __STORE__: '"gongyi."',
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  build: {
    // the WebView of a five-year-old phone
    target: ["chrome80", "safari13"],
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false }, output: { codeSplitting: { groups: [{ name: "first", test: FIRST }] } } },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/board", "/q", "/share"].map((path) => [path, "http://127.0.0.1:8000"])),
  },
});
