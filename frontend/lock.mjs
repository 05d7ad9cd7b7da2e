// Takes addresses out of package-lock.json: what is installed is named by version and hash alone.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
  if (typeof entry.resolved === "string" && entry.resolved.includes("://")) delete entry.resolved;
}
writeFileSync(file, JSON.stringify(lock, null, 2) + "\n");
