/**
 * What a day of work leaves behind, beside the executions of `scene.ts`: orders of customers with search attributes, webhooks that
 * are taken and that are not, an experiment with two versions, and agents that poll in every state.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Client } from "../../../src/client/index.ts";

const LONG =
  "Remind the whole team of customer success in Copenhagen, Kuala Lumpur and San Francisco that the renewal of Müller-Lüdenscheidt & Söhne is due";

export interface Today {
  /** Of an execution whose webhook takes nothing. */
  readonly untold: string;
  /** A long input, a long name of a session, attributes. */
  readonly long: string;
  /** A session in which something was said twice. */
  readonly talk: string;
}

/** A port without a server. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

export async function makeToday(client: Client): Promise<Today> {
  const customers = ["acme", "acme", "acme", "globex", "globex", "initech", "müller-lüdenscheidt-und-söhne-kgaa"];
  await Promise.all(
    customers.map((customer, at) =>
      client.execute(
        "clock.remind",
        { message: `Order ${4_711 + at}`, seconds: 0 },
        { attributes: { customer, amount: (at + 1) * 120, urgent: at % 3 === 0 } },
      ),
    ),
  );
  const { execution_id: untold } = await client.execute(
    "clock.remind",
    { message: "Nobody hears of this", seconds: 0 },
    { webhook: { url: `http://127.0.0.1:${await closedPort()}/hooks/orders` } },
  );
  const { execution_id: long } = await client.executeAsync(
    "clock.remind",
    { message: LONG.repeat(12), seconds: 86_400 },
    {
      sessionId: "renewals-of-the-fourth-quarter-emea-and-apac-with-a-long-name-that-nobody-shortened",
      attributes: { customer: "müller-lüdenscheidt-und-söhne-kgaa", amount: 12_500.5, region: "emea" },
      metadata: { ticket: "SUP-4711", tags: ["renewal", "key account"] },
      budget: { max_cost_usd: 2.5, max_turns: 40 },
    },
  );
  await makeExperiment(client);
  await makeAgents(client);
  const talk = "chat-about-tea";
  for (const topic of ["How is tea grown in Darjeeling, and by whom?", "And coffee?"])
    await client.execute("writer.draft", { topic }, { sessionId: talk });
  for (const message of ["Which films of the seventies do we have?", "And which of them are by Tarkovsky?"])
    await client.execute("catalog.chat", { message }, { sessionId: "chat-about-films" });
  return { untold, long, talk };
}

const manifest = (version: string, description: string) => ({
  ...{ name: "reports.writer", version, description, status: "active" },
  ...{ capabilities: ["design"], skills_available: ["text.count"], reasoning_mode: "oneshot" },
});

async function makeExperiment(client: Client): Promise<void> {
  await client.agents.put("reports.writer", manifest("1.0.0", "Writes the monthly report of a shop"));
  await client.agents.put("reports.writer", manifest("1.1.0", "Writes the monthly report of a shop, shorter"));
  const versions = [
    { version: "1.0.0", weight: 80 },
    { version: "1.1.0", weight: 20 },
  ];
  await client.agents.experiments.put("reports.writer.run", versions);
  for (let n = 0; n < 6; n += 1)
    await client.agents.run("reports.writer", { task_context: "The report of October" }, { sessionId: `report-${n}` });
}

/** One does a plan of its own, one was turned off, one never called. */
async function makeAgents(client: Client): Promise<void> {
  const can = (...actions: string[]) => actions.map((action) => ({ action, params: {} }));
  const { pollingAgents, plans } = client;
  await pollingAgents.register({
    ...{ id: "agent_moe", name: "Moe", role: "Researcher of markets in Northern and Eastern Europe" },
    capabilities: can("search_the_web", "summarise_findings", "draft_report", "check_figures"),
  });
  await pollingAgents.register({ id: "agent_curly", name: "Curly", role: "Writer", capabilities: can("write_letter") });
  await pollingAgents.change("agent_curly", { is_active: false });
  await pollingAgents.register({ id: "agent_shemp", name: "Shemp", capabilities: can("stand_in") });
  const subtask = (id: string, title: string, action: string) => ({ id, title, action });
  const research = {
    ...{ id: "research", title: "Find out what the market wants", phase_id: "look", estimated_hours: 3 },
    subtasks: [
      subtask("search", "Search for offers of competitors", "search_the_web"),
      subtask("figures", "Check the figures of last year", "check_figures"),
      {
        ...subtask("summary", "Summarise what was found", "summarise_findings"),
        prerequisite_subtask_ids: ["search", "figures"],
      },
    ],
  };
  const phases = [
    { phase_id: "look", title: "Looking around" },
    { phase_id: "write", title: "Writing" },
  ];
  const report = {
    ...{ id: "report", title: "Write the report", phase_id: "write", estimated_hours: 5 },
    prerequisite_task_ids: ["research"],
    subtasks: [subtask("draft", "Draft it", "draft_report")],
  };
  await plans.create({ plan_id: "plan_markets", goal: "Know the market", phases, tasks: [research, report] });
  const { id } = await plans.executions.start({ plan_id: "plan_markets", agent_id: "agent_moe" });
  const work = await plans.executions.poll("agent_moe", { wait: 10 });
  if (!work || !("next_task" in work)) throw new Error("Moe got no work");
  const said = { agent_id: "agent_moe", agent_timestamp: new Date().toISOString(), task_id: work.next_task.task_id };
  await plans.executions.report(id, { ...said, event_type: "task_started" });
}
