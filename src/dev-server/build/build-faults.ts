/** Why a build cannot be served, in words for the person who wrote what was built. */
import { stripVTControlCharacters } from "node:util";
import type { Metafile } from "./inputs.ts";

/** What esbuild said, with file and line; wrangler's own lines around it are no help. */
export function whatWentWrong(output: string): string {
  // Its colours are for the terminal that it does not have.
  const lines = stripVTControlCharacters(output)
    .split("\n")
    .filter((line) => !NO_HELP.test(line));
  const text = lines
    .join("\n")
    .replaceAll(/\n(?:[ \t]*\n){2,}/g, "\n\n")
    .trim();
  const missing = new Set([...text.matchAll(PACKAGE_MISSING)].map(([, name = ""]) => name));
  const install = `\n\nA package that is not there is installed with: npm install ${[...missing].join(" ")}`;
  return missing.size === 0 ? text : `${text}${install}`;
}

/** What wrangler adds that leads nowhere: its log is not written, and an alias mends no import. */
const NO_HELP =
  /Logs were written to|Build failed with \d+ error|you can add an entry to "alias"|configuration\/#bundling-issues/;
/** The name of a package in an import that esbuild did not find; not a path, nor a module of Node or of workerd. */
const PACKAGE_MISSING = /Could not resolve "((?:@[\w.-]+\/)?(?!(?:node|cloudflare):)[\w][\w.-]*)[^"]*"/g;

/** Why nothing would answer: workerd takes such a module, and drops each request. */
export function withoutDefault({ outputs }: Pick<Metafile, "outputs">): string | undefined {
  const built = Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined);
  if (built === undefined || built.exports.includes("default")) return undefined;
  return `${built.entryPoint} has no default export, so that no request would be answered. Add: export default errand.worker;`;
}
