#!/usr/bin/env node
/** The command `errand`: `dev` and `init`. What a command needs is loaded when it is called: an old Node gets as far as its sentence. */
import { nodeTooOld } from "../dev-server/node-version.js";

const HELP = `errand COMMAND

  init NAME  makes a folder with the smallest project: an agent, a tool, a test
  dev        serves the Worker of this folder on this machine, with no account and no key

errand COMMAND --help says more.`;

const WRONG_USE = 2;

const [command, ...args] = process.argv.slice(2);
await run(command);

async function run(name: string | undefined): Promise<void> {
  switch (name) {
    case "dev":
      return dev();
    case "init": {
      const { runInit } = await import("../scaffold/init.ts");
      process.exitCode = await runInit(args);
      return;
    }
    case undefined:
    case "help":
    case "--help":
    case "-h":
      console.log(HELP);
      return;
  }
  refuse(`errand has no command "${name}": it has init and dev. See errand --help.`);
}

async function dev(): Promise<void> {
  const old = nodeTooOld();
  if (old !== undefined) return refuse(old);
  const { runCommand } = await import("../dev-server/command.ts");
  await runCommand(args, { root: process.cwd(), command: "errand dev" });
}

function refuse(sentence: string): void {
  console.error(sentence);
  process.exitCode = WRONG_USE;
}
