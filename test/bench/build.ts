/** Bundles the Workers of the bench as wrangler bundles the deployed one: one ES module, unminified. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { build } from "esbuild";

const pathOf = (url: string): string => fileURLToPath(url);
const AGENTS = pathOf(import.meta.resolve("./agents.ts"));

/** What each bundle exports. A Worker needs a default export, which the house allows in src/worker.ts only. */
const ENTRIES = {
  errand: {
    module: import.meta.resolve("../../src/worker.ts"),
    names:
      "default, ExecutionActor, IntakeActor, LimiterActor, MemoryActor, NodeDirectoryActor, ProjectorActor, ScheduleActor",
  },
  counted: {
    module: import.meta.resolve("./counted-worker.ts"),
    names:
      "counted as default, ExecutionActor, IntakeActor, LimiterActor, MemoryActor, NodeDirectoryActor, ProjectorActor, ScheduleActor",
  },
  floors: { module: import.meta.resolve("./floors/floor.ts"), names: "router as default, Floor" },
} as const;
export type BundleName = keyof typeof ENTRIES;

/** The Worker runs as it is; only its lists are others. */
const listsOf = (path: string): Plugin => ({
  name: "other-agents",
  setup(builder) {
    builder.onResolve({ filter: /\/examples\/examples\.ts$/ }, () => ({ path }));
  },
});

/** Writes the bundle below `folder` and returns its path. `agents` is the module in the place of the examples' lists. */
export async function bundle(name: BundleName, folder: string, agents = AGENTS): Promise<string> {
  const outfile = join(folder, name, "worker.js");
  const { module, names } = ENTRIES[name];
  const contents = `export { ${names} } from ${JSON.stringify(pathOf(module))};`;
  await build({
    stdin: { contents, resolveDir: dirname(AGENTS), loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    plugins: [listsOf(agents)],
    logLevel: "warning",
  });
  return outfile;
}
