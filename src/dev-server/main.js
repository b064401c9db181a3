/** What `npm start` runs: plain JavaScript, so that a Node that knows no TypeScript gets as far as the sentence. */
import { nodeTooOld } from "./node-version.js";

const old = nodeTooOld();
if (old === undefined) {
  const { ensureDashboard } = await import("../packing/dashboard.ts");
  ensureDashboard();
  await import("./start.ts");
} else {
  console.error(old);
  process.exitCode = 2;
}
