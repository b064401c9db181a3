/**
 * Two worked examples of agentic executions, written in this house's words: a definition with its own validator and failure
 * codes, and a tool that shares the scratchpad with a validator.
 */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { AgentContext, Validator } from "../../src/define/index.ts";
import {
  defineAgent,
  defineExecution,
  defineTool,
  fail,
  offer,
  pass,
  stopExecution,
  validJson,
} from "../../src/define/index.ts";
import { check } from "../../src/define/schema.ts";
import type { Script } from "../../src/domain/model/script.ts";
import { runDefinition } from "../support/executions.ts";

const CONVERSATION_PROMPT = "You are a friendly assistant. Chat.";
const EXECUTION_PROMPT = "Process the items. Answer with JSON and nothing else.";

const myAgent = defineAgent({
  id: "enthusiast-agent-my-agent",
  description: "Handles items.",
  version: "1.0.0",
  config: (context: AgentContext) => ({ system: context === "execution" ? EXECUTION_PROMPT : CONVERSATION_PROMPT }),
});

describe("the definition with its validator and failure codes", () => {
  const myOutputValidator: Validator = {
    name: "my_output",
    validate(response) {
      if (response.includes("expected_field")) return pass;
      return fail({ feedback: "Response must include 'expected_field'. Please try again." });
    },
  };

  /** "Set retry_needed=False when retrying is pointless, for example when an external system is unreachable." */
  const shopIsReachable: Validator<unknown, "external_service_unavailable"> = {
    name: "shop_is_reachable",
    validate(response) {
      if (!response.includes("unreachable")) return pass;
      const failureCode = "external_service_unavailable";
      return fail({ retryNeeded: false, failureCode, feedback: "The shop could not be reached." });
    },
  };

  const define = (script: Script = []) =>
    defineExecution({
      key: "my-agent-execution",
      agent: myAgent,
      name: "My Execution",
      description: "Runs the my-agent batch job.",
      input: z.object({
        additional_instructions: z.string().nullable().default(null),
        item_ids: z.array(z.string()).nullable().default(null),
      }),
      failureCodes: ["external_service_unavailable", "insufficient_data"],
      validators: [stopExecution, validJson, shopIsReachable, myOutputValidator],
      script,
      execute({ input, conversation }) {
        return conversation.ask(input.additional_instructions ?? "Process all items and return results as JSON.");
      },
    });
  const says = (...texts: readonly string[]) => define(texts.map((text) => ({ reply: { text } })));

  it("asks the agent with the execution's prompt, and corrects what its validator rejects", async () => {
    const ran = await runDefinition(says('{"other": 1}', '{"expected_field": 1}'), {});
    expect(ran).toMatchObject({ status: "succeeded", output: { expected_field: 1 }, turns: 2 });
    expect(ran.conversation.system).toBe(EXECUTION_PROMPT);
    expect(ran.conversation.messages.map(({ text }) => text)).toEqual([
      "Process all items and return results as JSON.",
      '{"other": 1}',
      "Response must include 'expected_field'. Please try again.",
      '{"expected_field": 1}',
    ]);
  });

  it("asks with the caller's instructions where there are some", async () => {
    const ran = await runDefinition(says('{"expected_field": 1}'), { additional_instructions: "Only the red ones." });
    expect(ran.conversation.messages[0]?.text).toBe("Only the red ones.");
  });

  it("stops at once when the external service cannot be reached, with its own code and explanation", async () => {
    const ran = await runDefinition(says('{"error": "unreachable"}'), {});
    expect(ran).toMatchObject({ status: "failed", turns: 1 });
    expect(ran.error).toEqual({ code: "external_service_unavailable", message: "The shop could not be reached." });
  });

  it("stops at once when the model calls the stop tool", async () => {
    const stop = { name: "stop_execution", input: { reason: "The items do not exist." } };
    const ran = await runDefinition(define([{ reply: { tools: [stop] } }]), {});
    expect(ran).toMatchObject({ status: "failed", turns: 1, error: { code: "validation_failed" } });
    expect(ran.error?.message).toBe("The items do not exist.");
  });

  it("is a function of its agent, strict about its input, and lists all failure codes", async () => {
    const [agent] = offer({ agents: [myAgent], definitions: [define()], services: {} });
    const found = agent?.functions.get("my-agent-execution");
    expect(found).toMatchObject({ kind: "execution", description: "Runs the my-agent batch job." });
    expect(found?.execution?.failureCodes).toEqual([
      "runtime_error",
      "max_retries_exceeded",
      "validation_failed",
      "unknown",
      "external_service_unavailable",
      "insufficient_data",
    ]);
    const checked = found && (await check(found.input, { item_ids: [1], surprise: true }));
    expect(checked?.ok === false && checked.errors.map(({ path }) => path)).toEqual(["item_ids.0", "surprise"]);
  });
});

describe("the tool and the validator that share the scratchpad", () => {
  const seen: unknown[] = [];
  const myTool = defineTool({
    name: "my_tool",
    description: "Processes items.",
    input: z.object({ items: z.record(z.string(), z.boolean()) }),
    run({ items }, { scratchpad }) {
      scratchpad.record("my_tool", items);
      return items;
    },
  });
  const allItemsWentWell: Validator = {
    name: "all_items_went_well",
    validate(_response, _input, scratchpad) {
      const results = scratchpad.read("my_tool");
      seen.push(results ?? null);
      if (!results || typeof results !== "object" || Array.isArray(results)) return pass;
      const failed = Object.keys(results).filter((item) => !results[item]);
      if (failed.length === 0) return pass;
      return fail({ feedback: `The following items failed: ${failed.join(", ")}. Please retry.` });
    },
  };
  const define = (script: Script) =>
    defineExecution({
      ...{ key: "items", agent: myAgent, name: "Items", description: "Processes items.", input: z.object({}), script },
      tools: [myTool],
      validators: [allItemsWentWell],
      execute: ({ conversation }) => conversation.ask("Process them."),
    });
  const use = (items: Record<string, boolean>) => ({ reply: { tools: [{ name: "my_tool", input: { items } }] } });
  const say = (text: string) => ({ reply: { text } });

  it("the failed items are named, and the next attempt is judged by its own results alone", async () => {
    seen.length = 0;
    const first = use({ item_a: true, item_b: false });
    const ran = await runDefinition(define([first, say("Done."), use({ item_b: true }), say("Now done.")]), {});
    expect(ran).toMatchObject({ status: "succeeded", output: { response: "Now done." }, turns: 4 });
    expect(ran.attempts[0]?.feedback).toBe("The following items failed: item_b. Please retry.");
    expect(seen).toEqual([{ item_a: true, item_b: false }, { item_b: true }]);
  });

  it("the scratchpad is empty at attempt 2, and the log still has what attempt 1 recorded", async () => {
    seen.length = 0;
    const ran = await runDefinition(define([use({ item_a: false }), say("Done."), say("I give up.")]), {});
    expect(ran).toMatchObject({ status: "succeeded", turns: 3 });
    expect(seen).toEqual([{ item_a: false }, null]);
    const kept = ran.events.find(({ type }) => type === "tool.completed");
    expect(kept?.data).toMatchObject({ scratch: { my_tool: { item_a: false } } });
  });

  it("a later call overwrites what an earlier one recorded", async () => {
    seen.length = 0;
    await runDefinition(define([use({ item_a: false }), use({ item_b: true }), say("Done.")]), {});
    expect(seen).toEqual([{ item_b: true }]);
  });
});
