import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import { defineConfig } from "vite";

import { compressed } from "../build/compressed.ts";

export default defineConfig({
  base: "/console/",
  plugins: [
    vue(),
    // only those parts of Element Plus that a template names, with their styles
    Components({ dirs: [], dts: false, resolvers: [ElementPlusResolver({ importStyle: "css" })] }),
    compressed(),
  ],
  define: {
    __STORE__: '"gongyi-console."',
    __VUE_OPTIONS_API__: "true", // Element Plus has parts that use it
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    // the old Chromium kernels of office machines
    target: "es2018",
    cssTarget: "chrome80",
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/board", "/q", "/share"].map((path) => [path, "http://127.0.0.1:8000"])),
  },
});
