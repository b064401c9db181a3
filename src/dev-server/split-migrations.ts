import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { askWrangler, WRANGLER_VERSION } from "./ask-wrangler.ts";
import { readJson, writeWhole } from "./whole-file.ts";

/**
 * The statements of each migration, as wrangler splits them; throws its sentence when it cannot. They are kept in `cache`
 * under the digest of the files: asking takes a process of its own and a second.
 */
export async function statementsOf(files: readonly string[], cache: string): Promise<readonly (readonly string[])[]> {
  const hash = createHash("sha256").update(WRANGLER_VERSION);
  for (const path of files) hash.update("\n").update(readFileSync(path));
  const kept = join(cache, `statements-${hash.digest("hex").slice(0, 16)}.json`);
  const known = readJson<string[][]>(kept);
  if (known?.length === files.length) return known;
  const split = await askWrangler("split", files);
  if ("refused" in split) throw new Error(split.refused);
  writeWhole(kept, JSON.stringify(split.answer));
  return split.answer as string[][];
}
