/** `npm start`: the launcher for this repository. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { runCommand } from "./command.ts";

const root = resolve(import.meta.dirname, "../..");
// wrangler refuses a configuration whose folder of assets is missing; without pages the API is served alone.
mkdirSync(resolve(root, "dist/dashboard"), { recursive: true });
await runCommand(process.argv.slice(2), { root, command: "npm start --" });
