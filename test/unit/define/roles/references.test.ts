/** The toolkit of references: a long text is kept under its hash, and read in pieces, by agents of the same owner. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { defineRuntime, defineSpecialist } from "../../../../src/define/index.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { KeptRecords } from "../../../support/memory/kept-records.ts";
import { runRole } from "../../../support/role-runs.ts";

const use = (name: string, input: { [key: string]: Json }): Script[number] => ({ reply: { tools: [{ name, input }] } });

async function told(memory: KeptRecords, ...steps: Script) {
  const script = [...steps, { reply: { text: "Done." } }];
  const toolkits = ["references"] as const;
  const agent = defineSpecialist({ name: "keeper", model: "m", prompt: "You keep texts.", toolkits, script });
  memory.forgetWrites();
  const ran = await runRole(
    defineRuntime({ agents: [agent] }),
    { to: "keeper.run", input: { prompt: "?" } },
    { memory },
  );
  return ran.conversation.messages.flatMap(({ toolResults }) => toolResults.map(({ text }) => text));
}

describe("a reference", () => {
  const text = `${"a".repeat(20_000)}${"b".repeat(5)}`;
  const reference = createHash("sha256").update(text).digest("hex");

  it("is the hash of what was stored, and stands for it in the conversation with its summary", async () => {
    const memory = new KeptRecords();
    const [stored = ""] = await told(memory, use("store_reference", { text, summary: "Letters." }));
    expect(JSON.parse(stored)).toEqual({ reference, summary: "Letters.", characters: 20_005 });
    const [first = "", rest = ""] = await told(
      memory,
      use("read_reference", { reference }),
      use("read_reference", { reference, from: 20_000 }),
    );
    expect(JSON.parse(first)).toEqual({ summary: "Letters.", text: "a".repeat(20_000), next_from: 20_000 });
    expect(JSON.parse(rest)).toEqual({ summary: "Letters.", text: "bbbbb" });
  });

  it("that is not there is said to be none", async () => {
    expect(await told(new KeptRecords(), use("read_reference", { reference }))).toEqual([
      `there is no reference "${reference}", or it is kept no longer`,
    ]);
  });
});
