import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { WorkerConfig } from "./worker-config.ts";

interface Module {
  readonly type: string;
  readonly path: string;
  readonly contents: string | Uint8Array<ArrayBuffer>;
}

/** wrangler puts text, data and Wasm that a source imports beside the bundle, under names with a digest. */
const CARRIED = /^[0-9a-f]{40}-/;

/**
 * The bundle and what lies beside it, as modules of the Worker. Said in full, because Miniflare would find them by parsing
 * the bundle: 100 MB of syntax tree for one file that imports nothing.
 */
export function modulesOf(bundle: string, rules: WorkerConfig["rules"]): Module[] {
  const folder = dirname(bundle);
  const beside = readdirSync(folder).filter((name) => CARRIED.test(name));
  return [
    { type: "ESModule", path: basename(bundle), contents: readFileSync(bundle, "utf8") },
    ...beside.flatMap((name) => {
      const type = rules.find(({ include }) =>
        include.some((glob) => name.endsWith(glob.replace(/^\*\*\/\*/, ""))),
      )?.type;
      return type === undefined
        ? []
        : [{ type, path: name, contents: Uint8Array.from(readFileSync(join(folder, name))) }];
    }),
  ];
}
