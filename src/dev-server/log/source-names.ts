import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { giveBack } from "../memory.ts";

/** The map is larger than the bundle: it is kept for errors that come together, and read again for later ones. */
const KEPT_MS = 3_000;

type Payload = ConstructorParameters<typeof SourceMap>[0];

/**
 * Returns what turns places in the built Worker (`…/worker.js:54992:11`) into places in the sources
 * (`src/examples/json-post.ts:47:11`), which is what the log shows of an error. The bundle's map lies beside it and is read
 * when the first such place comes; without one the text stays as it is.
 */
export function sourceNames(bundle: string, root: string): (text: string) => string {
  let map: SourceMap | undefined | null;
  let forgetting: NodeJS.Timeout | undefined;
  const keep = () => {
    clearTimeout(forgetting);
    forgetting = setTimeout(() => {
      map = undefined;
      giveBack().catch(() => {});
    }, KEPT_MS).unref();
  };
  const place = new RegExp(String.raw`(?:[^\s()"]*/)?${basename(bundle).replaceAll(".", "\\.")}:(\d+):(\d+)`, "g");
  return (text) => {
    if (!text.includes(`${basename(bundle)}:`)) return text;
    map ??= mapOf(bundle) ?? null;
    if (map === null) return text;
    const known = map;
    keep();
    return text.replaceAll(place, (given, line: string, column: string) => {
      const origin = known.findOrigin(Number(line), Number(column));
      if (!("fileName" in origin)) return given;
      const file = resolve(dirname(bundle), pathOf(origin.fileName));
      return `${relative(root, file)}:${origin.lineNumber}:${origin.columnNumber}`;
    });
  };
}

function mapOf(bundle: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, "utf8")) as Payload);
  } catch {
    return undefined;
  }
}

function pathOf(source: string): string {
  return source.startsWith("file:") ? fileURLToPath(source) : source;
}
