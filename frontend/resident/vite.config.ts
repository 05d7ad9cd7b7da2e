import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

/** Beside every text file its .gz and .br, so that no request waits for a compressor. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const [name, file] of Object.entries(bundle)) {
          if (!/\.(js|css|html|svg|json)$/.test(name)) continue;
          const bytes = Buffer.from(file.type === "chunk" ? file.code : file.source);
          if (bytes.length < 600) continue;
          this.emitFile({ type: "asset", fileName: `${name}.gz`, source: gzipSync(bytes, { level: 9 }) });
          const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
          this.emitFile({ type: "asset", fileName: `${name}.br`, source: brotliCompressSync(bytes, quality) });
        }
      },
    },
  };
}

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
