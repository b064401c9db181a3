/**
 * The way into key mode on a laptop: an administrator's key, made once for a state folder with the root key of this start,
 * kept beside the state (0600) and shown again at each start.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { askWorker } from "./ask-worker.ts";

export interface FirstKey {
  readonly key: string;
  readonly file: string;
}

export async function firstKeyOf(
  stateDir: string,
  { url, rootKey }: { readonly url: string; readonly rootKey: string },
): Promise<FirstKey> {
  const file = join(stateDir, "first.key");
  if (existsSync(file)) return { key: readFileSync(file, "utf8").trim(), file };
  const { status, text } = await askWorker(`${url}/api/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${rootKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "the first key of this folder", scopes: ["admin"] }),
  });
  const made = JSON.parse(text) as { readonly key?: string; readonly detail?: string };
  if (made.key === undefined) throw new Error(`the first key could not be made: ${made.detail ?? status}`);
  writeFileSync(file, `${made.key}\n`, { mode: 0o600 });
  return { key: made.key, file };
}
