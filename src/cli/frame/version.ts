import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Of the package that this command is part of, bundled or not. */
export function ownVersion(folder = import.meta.dirname): string {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return ownVersion(dirname(folder));
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  return String(version);
}
