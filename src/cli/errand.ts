#!/usr/bin/env node
/** The command `errand`. What a command needs is loaded when it is called. */
import { main } from "./main.ts";

await main(process.argv.slice(2));
