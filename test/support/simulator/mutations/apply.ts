/**
 * Loaded with `--import` before the sweep: changes one line of one file as it is read, and nothing on the disk. Which one is
 * said by `ERRAND_MUTATION`.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MUTATIONS } from "./all-mutations.ts";
import { mutated } from "./mutation.ts";

const mutation = MUTATIONS.find(({ name }) => name === process.env.ERRAND_MUTATION);
if (!mutation) throw new Error(`no mutation is called "${process.env.ERRAND_MUTATION}"`);
const target = new URL(mutation.path, pathToFileURL(`${process.cwd()}/`)).href;

registerHooks({
  load: (url, context, next) =>
    url === target
      ? {
          format: "module-typescript",
          source: mutated(readFileSync(fileURLToPath(url), "utf8"), mutation),
          shortCircuit: true,
        }
      : next(url, context),
});
