import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { takenPort } from "../../../src/dev-server/port.ts";
import { identityOf } from "../../../src/dev-server/process-identity.js";
import { endProcess } from "../../../src/dev-server/runtime-process.ts";

/** Much memory: its threads take a while to end after the first of them is a zombie. */
const LISTENS = `
const held = [];
for (let i = 0; i < 20; i++) held.push(Buffer.alloc(8e6, 1));
const server = require("node:net").createServer().listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

describe("a runtime that is ended", () => {
  it.each([1, 2, 3, 4, 5])("has given its port back (%i)", async () => {
    const child = spawn(process.execPath, ["-e", LISTENS], { stdio: ["ignore", "pipe", "ignore"] });
    const [said] = await once(child.stdout, "data");
    const pid = child.pid ?? 0;
    await endProcess({ pid, identity: identityOf(pid) ?? "" });
    expect(await takenPort(Number(said), "127.0.0.1")).toBeUndefined();
  });
});
