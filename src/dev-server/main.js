/** What `npm start` runs: plain JavaScript, so that a Node that knows no TypeScript gets as far as the sentence. */
import module from "node:module";
import { resolve } from "node:path";
import { nodeTooOld } from "./node-version.js";

const old = nodeTooOld();
if (old === undefined) {
  // Before the first TypeScript: what Node made of it is kept for the next start.
  module.enableCompileCache(resolve(import.meta.dirname, "../../.errand/compiled"));
  const { ensureDashboard } = await import("../packing/dashboard.ts");
  ensureDashboard();
  await import("./start.ts");
} else {
  console.error(old);
  process.exitCode = 2;
}
