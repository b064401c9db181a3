/**
 * Bundles two Workers as a deployment would, and refuses when one has grown past its budget: the product, which is a Worker
 * with `createErrand` and one agent, and the examples, which bring data sets of their own.
 * The JavaScript that a browser loads for the first page of the dashboard has a budget too.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureDashboard, PAGES } from "../../../src/packing/dashboard.ts";

const root = resolve(import.meta.dirname, "../../..");
const folder = join(root, "dist/size");

const PRODUCT = `
import { createErrand, defineAgent } from "${root}/src/library/index.ts";
const errand = createErrand({ agents: [defineAgent({ id: "one", description: "The smallest Worker.", version: "1" })] });
export default errand.worker;
export const { ExecutionActor, IntakeActor, LimiterActor, MemoryActor, NodeDirectoryActor, ProjectorActor, ScheduleActor } = errand.actors;
`;

/** Words of the examples' data sets, of which the product has none. */
const EXAMPLE_DATA = ["SentimentIntensityAnalyzer", "The Land Girls"];

const BUDGETS = [
  { name: "product", kib: 860, entry: join(folder, "product.ts") },
  { name: "examples", kib: 1100, entry: join(root, "src/worker.ts") },
];

const DASHBOARD_KIB = 230;

/** KiB after gzip, as wrangler counts them. Ends the process when it does not build. */
function sizeOf(entry: string, outdir: string): number {
  const wrangler = join(root, "node_modules/.bin/wrangler");
  const args = ["deploy", entry, "--config", join(root, "wrangler.toml"), "--dry-run", "--outdir", outdir];
  const { status, stdout, stderr } = spawnSync(wrangler, args, { cwd: root, encoding: "utf8" });
  if (status === 0) return Number(/gzip: ([\d.]+) KiB/.exec(stdout)?.[1]);
  console.error(`${entry} does not build:\n${stdout}${stderr}`);
  process.exit(1);
}

/** KiB after gzip of the JavaScript that the dashboard's document asks for: what a browser loads before it shows anything. */
function firstLoad(): number {
  const pages = join(PAGES, "ui");
  const asked = readFileSync(join(pages, "index.html"), "utf8").matchAll(/(?:src|href)="\/ui\/([^"]+\.js)"/g);
  const sizes = [...asked].map(([, path = ""]) => gzipSync(readFileSync(join(pages, path)), { level: 9 }).length);
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 102.4) / 10;
}

ensureDashboard();
const loaded = firstLoad();
if (!(loaded > 0 && loaded <= DASHBOARD_KIB)) {
  console.error(`The dashboard's first load is ${loaded} KiB of JavaScript (gzip), its budget ${DASHBOARD_KIB} KiB.`);
  process.exit(1);
}
console.log(`The dashboard's first load is ${loaded} KiB of JavaScript (gzip) of ${DASHBOARD_KIB} KiB.`);

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "product.ts"), PRODUCT);
for (const { name, kib, entry } of BUDGETS) {
  const outdir = join(folder, name);
  const size = sizeOf(entry, outdir);
  if (!(size <= kib)) {
    console.error(`The bundle "${name}" is ${size} KiB (gzip), its budget ${kib} KiB. Find what grew: ${outdir}`);
    process.exit(1);
  }
  const text = readFileSync(join(outdir, `${basename(entry, ".ts")}.js`), "utf8");
  const foreign = name === "product" ? EXAMPLE_DATA.find((word) => text.includes(word)) : undefined;
  if (foreign !== undefined) {
    console.error(`The bundle "${name}" has data of the examples: it holds "${foreign}". See what imports it.`);
    process.exit(1);
  }
  console.log(`The bundle "${name}" is ${size} KiB (gzip) of ${kib} KiB.`);
}
