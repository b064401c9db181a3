/** One agentic execution with three tools that differ in what a crash means for them, in the place of the examples' lists. */
import * as z from "zod";
import type { Json } from "../../../src/define/index.ts";
import {
  called,
  defineAgent,
  defineExecution,
  defineTool,
  service,
  stopExecution,
  validJson,
} from "../../../src/define/index.ts";
import type { JsonPost } from "../../../src/examples/json-post.ts";
import { jsonPost } from "../../../src/examples/json-post.ts";
import type { ErrandOptions } from "../../../src/library/index.ts";

const services = { ledger: service<JsonPost>() };
const input = z.object({ item: z.string() });
const output = z.object({ reference: z.string() });

const reserve = defineTool({
  ...{ name: "reserve", description: "Safe to repeat.", input, output, services, idempotent: true },
  run: ({ item }, { services: { ledger }, idempotencyKey, signal, scratchpad }) => {
    scratchpad.record("reserve", item);
    return post(ledger, { path: "/reserve", item, idempotencyKey, signal });
  },
});

const charge = defineTool({
  ...{ name: "charge", description: "Not safe to repeat.", input, output, services },
  run: ({ item }, { services: { ledger }, idempotencyKey, signal }) =>
    post(ledger, { path: "/charge", item, idempotencyKey, signal }),
});

const Found = z.object({ answer: output.nullable() });

const ship = defineTool({
  ...{
    name: "ship",
    description: "Not safe to repeat, and the books tell whether it happened.",
    input,
    output,
    services,
  },
  run: ({ item }, { services: { ledger }, idempotencyKey, signal }) =>
    post(ledger, { path: "/ship", item, idempotencyKey, signal }),
  checkOutcome: async (_input, { services: { ledger }, idempotencyKey, signal }) => {
    const { answer } = Found.parse(await ledger.post("/find", {}, { idempotencyKey, signal }));
    return answer === null ? { happened: false } : { happened: true, result: answer };
  },
});

interface Order {
  readonly path: string;
  readonly item: string;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

async function post(ledger: JsonPost, { path, item, ...attempt }: Order): Promise<{ reference: string }> {
  return output.parse((await ledger.post(path, { item }, attempt)) satisfies Json);
}

const batch = defineExecution({
  key: "run",
  agent: defineAgent({ id: "batch", description: "Works through a list, unattended.", version: "1" }),
  ...{ name: "Batch", description: "Three tools and two corrections.", tools: [reserve, charge, ship] },
  input: z.object({ name: z.string() }),
  output: z.object({ done: z.string() }),
  validators: [stopExecution, validJson, called("reserve")],
  execute: ({ input: { name }, conversation }) => conversation.ask(`Do the work of <${name}>.`),
});

export const examples: ErrandOptions<{ readonly LEDGER_SERVICE_URL?: string }> = {
  executions: [batch],
  services: (env) => ({ ledger: jsonPost(env.LEDGER_SERVICE_URL) }),
};
