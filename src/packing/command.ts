/**
 * Bundles the command `errand`: a person waits for each of its starts, and hundreds of small modules are slow to load. A command
 * stays a chunk of its own, loaded when it is called; the launcher of the server stays outside, beside it.
 */
import { join, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "../..");

/** Writes `errand.js` and its chunks into the folder. */
export async function bundleCommand(folder: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, "src/cli/errand.ts")],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    chunkNames: "[name]-[hash]",
    // Its modules for Node ask for others while they run, which a bundle of modules cannot.
    alias: { yaml: join(ROOT, "node_modules/yaml/browser/index.js") },
    plugins: [
      {
        name: "launcher",
        setup({ onResolve }) {
          onResolve({ filter: /dev-server\/command\.ts$/ }, () => ({
            path: "../dev-server/command.js",
            external: true,
          }));
        },
      },
    ],
  });
}
