/** Bundles the Workers of the bench as wrangler bundles the deployed one: one ES module, unminified, names kept. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const pathOf = (url: string): string => fileURLToPath(url);
const AGENTS = pathOf(import.meta.resolve("./agents.ts"));

/** Module text of each entry. A Worker's entry needs a default export, which the house allows in src/worker.ts only. */
const ENTRIES = {
  errand: `export { default, ExecutionActor, LedgerActor } from "../../src/worker.ts";`,
  counted: `export { counted as default, ExecutionActor, LedgerActor } from "./counted-worker.ts";`,
  floors: `export { router as default, Floor } from "./floors/floor.ts";`,
} as const;
export type BundleName = keyof typeof ENTRIES;

/** The Worker is measured as it is; only its catalog is another one. */
const benchAgents: Plugin = {
  name: "bench-agents",
  setup(builder) {
    builder.onResolve({ filter: /\/definitions\/available\.ts$/ }, () => ({ path: AGENTS }));
  },
};

/** Writes the bundle below `folder` and returns its path. */
export async function bundle(name: BundleName, folder: string): Promise<string> {
  const outfile = join(folder, name, "worker.js");
  await build({
    stdin: { contents: ENTRIES[name], resolveDir: dirname(AGENTS), loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    keepNames: true,
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    plugins: [benchAgents],
    logLevel: "warning",
  });
  return outfile;
}

/** Entries that only the texts above name. */
export const WORKERS = [import.meta.resolve("./counted-worker.ts"), import.meta.resolve("./floors/floor.ts")];
