import { fileURLToPath } from "node:url";

import base from "../../frontend/resident/vite.config";

// built and served exactly as the residents' app is
const packages = fileURLToPath(new URL("../../frontend/node_modules/", import.meta.url));

export default {
  ...base,
  root: import.meta.dirname,
  resolve: { alias: { vue: `${packages}vue/dist/vue.runtime.esm-bundler.js` } },
};
