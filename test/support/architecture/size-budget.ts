import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/**
 * Bundles the Worker as a deployment would and refuses when it has grown past its budget. In November 2026 the data set of
 * `catalog.audit` is a fifth of it, the Anthropic SDK and zod a third.
 */
const BUDGET_KIB = 680;

const root = resolve(import.meta.dirname, "../../..");
const wrangler = resolve(root, "node_modules/.bin/wrangler");
const build = spawnSync(wrangler, ["deploy", "--dry-run", "--outdir", resolve(root, "dist/size")], {
  cwd: root,
  encoding: "utf8",
});
if (build.status !== 0) {
  console.error(`The Worker does not build:\n${build.stdout}${build.stderr}`);
  process.exit(1);
}
const gzip = Number(/gzip: ([\d.]+) KiB/.exec(build.stdout)?.[1]);
if (!(gzip <= BUDGET_KIB)) {
  console.error(`The Worker is ${gzip} KiB (gzip), its budget ${BUDGET_KIB} KiB. Find what grew: ${root}/dist/size`);
  process.exit(1);
}
console.log(`The Worker is ${gzip} KiB (gzip) of ${BUDGET_KIB} KiB.`);
