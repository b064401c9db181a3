/**
 * Everything outside for the agentic execution of `agents.ts`: the model, in Anthropic's wire format, and the books that its
 * tools write. Both live in the test's process and outlive every server; what reached them is counted here and nowhere else.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startAnthropicServer } from "../models/anthropic-server.ts";
import type { Planned, Recorded } from "../models/wire-server.ts";

/** A request that has come, and whether it has been worked on. */
export interface Moment {
  /** Of the execution, as its input says it. */
  readonly name: string;
  readonly when: "arrived" | "done";
  /** Which of its works is asked for: the key of a tool's call, or a turn. */
  readonly what: string;
}

/** What became of one idempotency key. */
interface Fact {
  readonly tool: string;
  readonly item: string;
  readonly key: string;
  called: number;
  applied: number;
}

export interface Workshop {
  readonly url: string;
  readonly modelUrl: string;
  /** Whether a request may go on; `false` keeps it where it is for ever. */
  gate: (moment: Moment) => Promise<boolean>;
  /** Milliseconds until the next answer. */
  pace: () => number;
  /** How often the model was asked for each turn of an execution, in the order of the turns. */
  turnsOf(name: string): readonly number[];
  factsOf(name: string): readonly Fact[];
  answerOf(fact: Fact): { reference: string };
  close(): Promise<void>;
}

const NEVER = new Promise<never>(() => {});

export async function openWorkshop(): Promise<Workshop> {
  const facts = new Map<string, Fact>();
  const asked = new Map<string, number[]>();
  const model = await startAnthropicServer();
  const work = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await toolAnswer(shop, facts, request);
    await sleep(shop.pace());
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  };
  // A server that is killed while it speaks breaks off.
  const server = createServer((request, response) => void work(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const shop: Workshop = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    modelUrl: model.url,
    gate: async () => true,
    pace: () => 0,
    turnsOf: (name) => asked.get(name) ?? [],
    factsOf: (name) => [...facts.values()].filter(({ item }) => item.startsWith(`${name}/`)),
    answerOf: ({ tool, item }) => ({ reference: `${tool} ${item}` }),
    async close() {
      server.closeAllConnections();
      server.close();
      await model.close();
    },
  };
  const react = async (request: Recorded): Promise<Planned> => {
    model.plan(react);
    const { name, turn } = turnOf(request);
    const counts = asked.get(name) ?? [];
    counts[turn] = (counts[turn] ?? 0) + 1;
    asked.set(name, counts);
    const what = `turn ${turn}`;
    if (!(await shop.gate({ name, when: "arrived", what }))) return NEVER;
    await sleep(shop.pace());
    const planned = answerAt(turn, name);
    // Worked on, and paid: all but the last of it is on its way.
    if (!(await shop.gate({ name, when: "done", what })))
      return { ...planned, weather: { afterFrames: 4, how: "hang" } };
    return { ...planned, pauseMs: shop.pace() / 8 };
  };
  model.plan(react);
  return shop;
}

async function toolAnswer(shop: Workshop, facts: Map<string, Fact>, request: IncomingMessage) {
  const key = String(request.headers["idempotency-key"]);
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const tool = (request.url ?? "/").slice(1);
  const known = facts.get(key);
  if (tool === "find") {
    if (known && !(await shop.gate({ name: nameOf(known.item), when: "arrived", what: key }))) return NEVER;
    return { answer: known && known.applied > 0 ? shop.answerOf(known) : null };
  }
  const { item } = JSON.parse(text) as { item: string };
  const fact = known ?? { tool, item, key, called: 0, applied: 0 };
  facts.set(key, fact);
  fact.called += 1;
  const name = nameOf(item);
  if (!(await shop.gate({ name, when: "arrived", what: key }))) return NEVER;
  // Only this one honours its key: the others do it again.
  if (tool !== "reserve" || fact.applied === 0) fact.applied += 1;
  if (!(await shop.gate({ name, when: "done", what: key }))) return NEVER;
  return shop.answerOf(fact);
}

const nameOf = (item: string) => item.split("/")[0] ?? "";

function turnOf({ body }: Recorded): { readonly name: string; readonly turn: number } {
  const messages = body.messages as { role: string; content: unknown }[];
  const name = /<(.+?)>/.exec(JSON.stringify(messages[0]?.content))?.[1] ?? "nobody";
  return { name, turn: messages.filter(({ role }) => role === "assistant").length };
}

/** Three tools at once, no JSON; two tools, and one is missing; that one, and an answer that passes. */
function answerAt(turn: number, name: string): Planned {
  const use = (...calls: readonly [tool: string, item: string][]): Planned => ({
    tools: calls.map(([tool, item], index) => ({
      id: `call_${turn}_${index}`,
      name: tool,
      json: [JSON.stringify({ item: `${name}/${item}` })],
    })),
  });
  const say = (text: string): Planned => ({ text: [text.slice(0, 4), text.slice(4)] });
  const script = [
    use(["reserve", "a"], ["charge", "a"], ["ship", "a"]),
    say("All done!"),
    use(["charge", "b"], ["ship", "b"]),
    say(JSON.stringify({ done: name })),
    use(["reserve", "c"]),
    say(JSON.stringify({ done: name })),
  ];
  return script[turn] ?? say("There is no such turn.");
}
