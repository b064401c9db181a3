/** The Worker's own modules in one: each runtime of the project `workers` would load a thousand of them one by one. */
import { join, relative } from "node:path";
import type { Plugin } from "vite";
import { build } from "vite";
import type {} from "vitest/node";

/** Of the modules that no source file stands for. */
const PREFIX = "\0bundled-worker:";

/**
 * Serves what `main` imports out of one bundle. Each source file stays a module of its own that exports what it exports, out
 * of the bundle: what a test imports by the path of its source is what the Worker runs.
 */
export function bundledWorker(root: string, main: string): Plugin[] {
  // To see in a stack which source an error comes from.
  if (process.env.UNBUNDLED) return [];
  const sources = join(root, "src/");
  let parts: Promise<ReadonlyMap<string, string>> | undefined;
  let isWatching = false;
  const plugin: Plugin = {
    name: "errand-bundled-worker",
    enforce: "pre",
    // Who watches wants the tests of the file that changed to run again.
    configureVitest({ vitest }) {
      isWatching = vitest.config.watch;
    },
    resolveId: (id) => (id.startsWith(PREFIX) ? id : null),
    async load(id) {
      if (isWatching || (!id.startsWith(sources) && !id.startsWith(PREFIX))) return null;
      parts ??= partsOf(root, main);
      return (await parts).get(id) ?? null;
    },
  };
  return [plugin];
}

async function partsOf(root: string, main: string): Promise<ReadonlyMap<string, string>> {
  const eachSourceIsAnEntry: Plugin = {
    name: "each-source-is-an-entry",
    moduleParsed({ id }) {
      const name = relative(root, id).replaceAll("/", ".");
      if (id.startsWith(join(root, "src/"))) this.emitFile({ type: "chunk", id, name, preserveSignature: "strict" });
    },
  };
  const built = await build({
    root,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    plugins: [eachSourceIsAnEntry],
    build: {
      ssr: true,
      write: false,
      minify: false,
      target: "esnext",
      rolldownOptions: {
        input: join(root, main),
        external: (id) => !/^[./]/.test(id),
        output: {
          entryFileNames: "[name].js",
          chunkFileNames: "[name].js",
          // `main` itself stays outside: it awaits one of the modules that it is bundled with.
          codeSplitting: { groups: [{ name: "shared", test: (id) => id !== join(root, main) }] },
        },
      },
    },
  });
  if (!("output" in built)) throw new Error("a build that does not watch has one output");
  const chunks = built.output.filter((part) => part.type === "chunk");
  const ids = new Map(
    chunks.map(({ fileName, facadeModuleId: source }) => [
      fileName,
      source?.endsWith(".ts") ? source : PREFIX + fileName,
    ]),
  );
  return new Map(
    chunks.map((chunk) => {
      const code = chunk.code.replace(/"\.\/([^"\n]+)"/g, (quoted, name) => JSON.stringify(ids.get(name)) ?? quoted);
      return [ids.get(chunk.fileName) ?? "", code];
    }),
  );
}
