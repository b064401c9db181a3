/** `npm start`: the launcher for this repository. */
import { resolve } from "node:path";
import { runCommand } from "./command.ts";

await runCommand(process.argv.slice(2), { root: resolve(import.meta.dirname, "../.."), command: "npm start --" });
