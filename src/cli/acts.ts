/** The acts of the tour that need no catastrophe: each runs one example and says what it shows. */
import type { Client } from "../client/index.ts";
import type { Examples, Sentiment } from "./examples.ts";
import type { Screen } from "./screen.ts";

export interface Stage {
  readonly client: Client<Examples>;
  readonly screen: Screen;
  /** Every execution of the tour, to be checked at the end. */
  readonly seen: string[];
}

const ANGRY = "This is the third time I am calling, and nobody ever calls back!";
const THANKFUL = "Thank you so much, that was quick and friendly.";
const CUSTOMER = "cust_4711";

export async function sentiment({ client, screen, seen }: Stage): Promise<void> {
  screen.act("support-agent.analyze_sentiment", "a function, answered at once, with its schema checked at both ends");
  const angry = await client.execute("support-agent.analyze_sentiment", { message: ANGRY });
  const thankful = await client.execute("support-agent.support_analyze_sentiment", { message: THANKFUL });
  seen.push(angry.execution_id, thankful.execution_id);
  screen.good(`“${ANGRY}” → ${inWords(given(angry.result))}`);
  screen.good(`“${THANKFUL}” → ${inWords(given(thankful.result))}`);
}

export async function ticket({ client, screen, seen }: Stage): Promise<void> {
  screen.act("escalation-agent.create_ticket", "two steps of one run, called one by one (X-Run-ID)");
  const runId = `tour-${crypto.randomUUID().slice(0, 8)}`;
  const felt = await client.execute("support-agent.analyze_sentiment", { message: ANGRY }, { runId });
  const input = { customer_id: CUSTOMER, sentiment: given(felt.result), priority: "urgent" } as const;
  const opened = await client.execute("escalation-agent.create_ticket", input, { runId });
  seen.push(felt.execution_id, opened.execution_id);
  const { ticket_id, queue, priority } = given(opened.result);
  screen.good(`${ticket_id} in ${queue}, ${priority}; run ${runId}`);
}

export async function triage({ client, screen, seen }: Stage): Promise<void> {
  screen.act("support-agent.triage", "the same two as children of one durable program (ctx.call)");
  const done = await client.execute("support-agent.triage", { customer_id: CUSTOMER, message: ANGRY });
  const effects = await client.effects(done.execution_id);
  const children = effects.flatMap(({ child_id }) => (child_id === undefined ? [] : [child_id]));
  seen.push(done.execution_id, ...children);
  const { sentiment: felt, ticket: opened } = given(done.result);
  screen.good(`${inWords(felt)} → ${opened?.ticket_id}, after ${children.length} children`);
}

/** Started early, looked at late: it sleeps through all that happens in between. Returns what tells its end. */
export async function reminder({ client, screen, seen }: Stage, seconds: number): Promise<() => Promise<void>> {
  screen.act("clock.remind", "sleeps durably: no process waits, only an alarm on disk");
  const message = "the tea is ready";
  const { execution_id: id } = await client.executeAsync("clock.remind", { message, seconds });
  seen.push(id);
  const going = await client.get(id);
  screen.good(`asleep for ${seconds} s; why: “${going.why?.sentence ?? "it has not begun"}”`);
  return async () => {
    screen.act("clock.remind, again", "it slept while the server was dead");
    const done = await screen.during("waiting for it to wake", client.wait<"clock.remind">(id));
    const { asked_at, reminded_at } = given(done.result);
    const slept = (Date.parse(reminded_at) - Date.parse(asked_at)) / 1_000;
    screen.good(`“${message}”, ${slept.toFixed(1)} s after it was asked for ${seconds} s`);
  };
}

export async function approval({ client, screen, seen }: Stage): Promise<void> {
  screen.act("approvals.demo", "waits for a person, for as long as it takes, at no cost");
  const asked = await client.execute("approvals.demo", { claim: "claim-12345", amount: 120 });
  seen.push(asked.execution_id);
  const shown = await client.approvalStatus(asked.execution_id);
  screen.say(`it asks: ${JSON.stringify(shown.payload)}`);
  screen.say(`why it has not ended: “${asked.why?.sentence.replace(/gate_\S+/, "gate_…") ?? asked.status}”`);
  await client.approve(asked.execution_id, {
    decision: "approved",
    approval_request_id: shown.approval_request_id,
    feedback: "verified on the tour",
    payload_digest: shown.payload_digest,
  });
  const done = await client.wait<"approvals.demo">(asked.execution_id);
  const { decision, feedback } = given(done.result);
  screen.good(`${decision} (“${feedback}”), for exactly the payload that was shown`);
}

export async function transfer({ client, screen, seen }: Stage): Promise<void> {
  screen.act("ledger.transfer", "three effects outside: one safe to repeat, one not, one that fails twice");
  const input = { transfer_id: "tour-1", from: "alice", to: "bob", amount: 12_500 };
  const done = await screen.during("moving 125.00 from alice to bob", client.execute("ledger.transfer", input));
  seen.push(done.execution_id);
  const effects = await client.effects(done.execution_id);
  screen.table([
    ["effect", "safe to repeat", "tries", "outcome"],
    ...effects.map(({ name, idempotent, attempts, status }) => [
      name,
      idempotent ? "yes" : "no: a crash asks a person",
      `${attempts}`,
      status === "done" ? "✔ done" : `✘ ${status}`,
    ]),
  ]);
  screen.good(`${given(done.result).reference}, told after ${given(done.result).notify_attempts} tries`);
}

export async function enrichment({ client, screen, seen }: Stage): Promise<void> {
  screen.act(
    "catalog.enrich",
    "an agent unattended: a model, a tool, validators that correct it (no key: it is scripted)",
  );
  const done = await client.execute("catalog.enrich", { items: [41, 730] });
  const { execution_id, result } = await client.execute("catalog.items", {});
  seen.push(done.execution_id, execution_id);
  for (const { n, feedback } of done.attempts) if (feedback !== null) screen.say(`attempt ${n}: “${feedback}”`);
  const films = given(result).items.map(({ title, category }) => `${title} (${category})`);
  screen.good(`after ${done.attempts.length} attempts in the catalog: ${films.join(", ")}`);
}

function inWords({ sentiment: felt, confidence, recommendation }: Sentiment): string {
  return `${felt} (${Math.round(confidence * 100)} %), ${recommendation}`;
}

/** A result that must be there; its absence ends the tour with the reason. */
export function given<T>(result: T | undefined): T {
  if (result === undefined) throw new Error("an execution ended without a result");
  return result;
}
