import { expect, it } from "vitest";
import * as z from "zod";
import { functionElsewhere } from "../../../src/actors/platform/function-elsewhere.ts";
import { defineAgent } from "../../../src/define/agent.ts";
import { refuse } from "../../../src/domain/values/fault.ts";
import type { NodePort } from "../../../src/engine/node-port.ts";

it("a child's target that neither the code nor a node has is refused with what was probably meant", async () => {
  const any = { input: z.object({}), output: z.unknown() };
  const shop = defineAgent({ id: "shop", description: "", version: "1" }).reasoner("quote", any, async () => null);
  const find = async (_tenant: string, { agent }: { readonly agent: string }) =>
    refuse("target_not_found", `agent '${agent}' not found`);
  const remote = functionElsewhere(new Map([[shop.id, shop]]), { find } as unknown as NodePort);
  const detail = "target 'qoute' not found on agent 'shop', which has shop.quote; did you mean \"shop.quote\"?";
  expect(await remote("acme", { agent: "shop", fn: "qoute" })).toMatchObject({ code: "target_not_found", detail });
  expect(await remote("acme", { agent: "barn", fn: "milk" })).toMatchObject({ detail: "agent 'barn' not found" });
});
