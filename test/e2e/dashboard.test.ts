/**
 * A person at the dashboard of the real server: starts a function in its form and watches it end, decides an approval, goes back in
 * time, follows a run's graph, and stays through a kill of the server. How the pages look is in ../long/dashboard-pages.test.ts.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "../../src/client/index.ts";
import { ensureDashboard } from "../../src/packing/dashboard.ts";
import { makeBlockedPlan, startCarelessBank } from "../support/dashboard/scene.ts";
import { withSickAgent } from "../support/dashboard/sick-agent.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { startBrowser, whyNoBrowser } from "../support/processes/chromium.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const reason = whyNoBrowser();

describe.skipIf(reason !== undefined)(`the dashboard${reason ? ` (${reason})` : ""}`, () => {
  let stateDir: string;
  let server: Server;
  let bank: Awaited<ReturnType<typeof startCarelessBank>>;
  let browser: Browser;
  let page: Page;
  const broken: string[] = [];

  beforeAll(async () => {
    ensureDashboard();
    stateDir = await mkdtemp(join(tmpdir(), "errand-dashboard-"));
    bank = await startCarelessBank();
    server = await startServer({ stateDir, env: { LEDGER_SERVICE_URL: bank.url } });
    browser = await startBrowser();
    page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (said) => {
      if (said.text().includes("Content Security Policy")) broken.push(said.text());
    });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.kill("SIGKILL");
    bank?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  /** What is told on a connection that stands comes within seconds. A page that is not told reads anew with its next connection. */
  const TOLD_MS = 15_000;
  const live = () => page.locator('[data-connection="live"]').waitFor();
  const status = (word: string) => page.locator(`.execution-title [data-status="${word}"]`).waitFor();

  test("starts a function in its form, and shows it end; what is missing is said at its field", async () => {
    await page.goto(`${server.url}/`);
    expect(new URL(page.url()).pathname).toMatch(/^\/ui\//);
    await page.getByRole("link", { name: "Start the first one" }).click();
    await page.getByRole("link", { name: /^draft/ }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("This field is required.").waitFor();
    await page.getByLabel("Topic").fill("tea");
    await page.getByRole("button", { name: "Start" }).click();
    await status("succeeded");
    await page.getByRole("tab", { name: "Conversation" }).click();
    await page.getByText("This is a simulated answer to: tea").first().waitFor();
    // One event back in time the answer is not there yet, and the address says so.
    await page.getByRole("button", { name: "One event back" }).click();
    await status("running");
    expect(page.url()).toContain("at=");
  });

  test("decides an approval, through a kill of the server in between", async () => {
    const client = createClient({ baseUrl: server.url });
    await page.goto(`${server.url}/ui/executions`);
    // The row comes by itself.
    const { execution_id: id } = await client.executeAsync("approvals.demo", { claim: "claim-7", amount: 70 });
    await page.locator(`a[href$="${id}"] [data-status="waiting"]`).waitFor();
    await page.locator(`a[href$="${id}"]`).click();
    await page.getByText("claim-7").first().waitFor();
    await server.restart();
    await client.note(id, "after the kill");
    await page.getByRole("tab", { name: "Events" }).click();
    await page.locator(".event-about", { hasText: "after the kill" }).waitFor();
    await page.getByRole("link", { name: /^Approvals/ }).click();
    await expect.poll(() => page.title()).toBe("(1) Approvals · Errand");
    await page.getByRole("radio", { name: "Pay half" }).check();
    await page.getByLabel("Feedback").fill("looked at");
    await page.getByRole("button", { name: "Approve" }).click();
    const done = await client.wait(id);
    expect(done.result).toMatchObject({ decision: "approved", option: "pay_half", feedback: "looked at" });
    await page.getByText("Nothing waits for you").waitFor();
    await page.goto(`${server.url}/ui/executions/${id}`);
    await status("succeeded");
  });

  test("says what became of an effect in doubt, from its evidence; the program goes on with the result that was given", async () => {
    const client = createClient({ baseUrl: server.url });
    const transfer = { transfer_id: "t-9", from: "alice", to: "bob", amount: 9_900 };
    const { execution_id: id } = await client.execute("ledger.transfer", transfer);
    await page.goto(`${server.url}/ui/executions/${id}`);
    const evidence = page.getByRole("region", { name: "Evidence" });
    await evidence.getByText("and no process saw it end").waitFor();
    await evidence.getByText(`${id}:`).waitFor();
    await page.getByRole("radio", { name: /^It happened/ }).check();
    await page.getByLabel("Its result as JSON").fill('{"reference":"seen in the bank"}');
    await page.getByRole("button", { name: "Answer" }).click();
    await status("succeeded");
    expect((await client.get(id)).result).toMatchObject({ reference: "seen in the bank" });
  });

  test("restarts from a chosen line with what came before it, and shows what differs from the source", async () => {
    const client = createClient({ baseUrl: server.url });
    const { execution_id: id } = await client.execute("writer.draft", { topic: "tea", paragraphs: 3 });
    await page.goto(`${server.url}/ui/executions/${id}`);
    await page.locator(".waterfall-all li button").nth(1).click();
    await page.getByRole("button", { name: "Restart from here…" }).click();
    await page.locator("dialog").getByRole("button", { name: "Restart", exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await status("succeeded");
    const follower = await client.get(decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1) ?? ""));
    expect(follower).toMatchObject({ restarted_from: id, replay: { reused: 1 } });
    await page.getByRole("link", { name: "Difference" }).click();
    await page.getByText("Both came to the same.").waitFor();
    await page.getByRole("button", { name: "All entries" }).click();
    await expect.poll(() => page.locator(".entry-row").count()).toBe(3);
    expect(await page.locator(".entry-row", { hasText: "taken over from" }).count()).toBe(1);
  });

  test("says of an attempt why it was rejected, and of the budget down the tree what was so at the time cursor", async () => {
    const client = createClient({ baseUrl: server.url });
    const { execution_id: id } = await client.execute("catalog.enrich", { items: [41, 730] });
    await page.goto(`${server.url}/ui/executions/${id}`);
    await page.locator(".waterfall-all li button", { hasText: "Attempt 1" }).click();
    await page
      .getByRole("region", { name: "Detail of Attempt 1" })
      .getByText("was not used for these items: 730")
      .waitFor();
    const complaint = { customer_id: "cust_1", message: "This is the third time!" };
    const { execution_id: root } = await client.execute("support-agent.triage", complaint, {
      budget: { max_children: 5 },
    });
    const { events } = await client.logs.log(root);
    const first = events.find(({ type }) => type === "child.requested" || type === "child.started")?.seq;
    await page.goto(`${server.url}/ui/executions/${root}?tab=budget&at=${first}`);
    const figures = page.locator("tbody tr").first().locator("td[data-number=true]");
    // Spent, reserved, left, limit.
    await expect.poll(async () => (await figures.allTextContents()).slice(0, 4)).toEqual(["1", "0", "4", "5"]);
    await page.getByRole("button", { name: "Latest" }).click();
    await expect.poll(async () => (await figures.allTextContents()).slice(0, 4)).toEqual(["2", "0", "3", "5"]);
    expect(await page.locator("tbody tr").count()).toBe(3);
    expect(await page.locator("tbody .budget-cell").count()).toBe(1);
  });

  test("follows a run as a graph that grows while it is looked at", async () => {
    const client = createClient({ baseUrl: server.url });
    const start = (parent?: string) =>
      client.executeAsync(
        "approvals.demo",
        { claim: "claim-9", amount: 90 },
        { runId: "run-graph", ...(parent === undefined ? {} : { parentExecutionId: parent }) },
      );
    const { execution_id: root } = await start();
    await page.goto(`${server.url}/ui/runs/run-graph`);
    await page.locator('.graph-box[data-status="waiting"]').waitFor();
    await live();
    const { execution_id: child } = await start(root);
    await page.locator(`.graph-box[href$="${child}"][data-status="waiting"]`).waitFor({ timeout: TOLD_MS });
    expect(await page.locator(".graph-edges path").count()).toBe(1);
    for (const id of [root, child]) await client.cancel(id);
    await expect.poll(() => page.locator('.graph-box[data-status="cancelled"]').count()).toBe(2);
    // Back to its first instant: one was there, and had not begun, unless it began in that same millisecond.
    const { created_at: created, started_at: started } = await client.get(root);
    const first = created === started ? "running" : "queued";
    for (let back = page.getByRole("button", { name: "One change back" }); await back.isEnabled(); ) await back.click();
    await expect.poll(() => page.locator(".graph-box").count()).toBe(1);
    expect(await page.locator(".graph-edges path").count()).toBe(0);
    await page.reload();
    await page.locator(`.graph-box[data-status="${first}"]`).waitFor();
    await page.getByRole("button", { name: "Latest" }).click();
    await expect.poll(() => page.locator('.graph-box[data-status="cancelled"]').count()).toBe(2);
  });

  test("makes a schedule in its form, fires it by hand, pauses it and deletes it", async () => {
    await page.goto(`${server.url}/ui/schedules`);
    await page.getByRole("link", { name: "New schedule" }).click();
    await page.getByRole("button", { name: "Create schedule" }).click();
    await page.getByText("This field is required.").first().waitFor();
    await page.getByLabel("Function").selectOption("writer.draft");
    await page.getByLabel("Every").fill("300d");
    await page.getByLabel("Name").fill("tea-report");
    await page.getByLabel("Topic").fill("tea");
    await page.getByRole("button", { name: "Create schedule" }).click();
    await page.getByRole("heading", { name: "tea-report" }).waitFor();
    expect(page.url()).toContain("/ui/schedules/tea-report");
    await page.getByRole("link", { name: "Change…" }).click();
    await page.getByLabel("Every").fill("200d");
    await page.getByLabel("Topic").fill("coffee");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("every 200d", { exact: false }).first().waitFor();
    const { every, input } = await createClient({ baseUrl: server.url }).schedules.get("tea-report");
    expect({ every, input }).toMatchObject({ every: "200d", input: { topic: "coffee" } });
    await page.getByRole("button", { name: "Trigger now" }).click();
    await page.locator('.table [data-mark="ok"]', { hasText: "Started" }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator('.approval-head [data-mark="warn"]', { hasText: "Paused" }).waitFor();
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete schedule" }).click();
    await page.getByText("There are no schedules yet").waitFor();
  });

  test("shows coming instants in a calendar; keeps a view of the list; writes the list into a file", async () => {
    const client = createClient({ baseUrl: server.url });
    const daily = { target: "writer.draft", input: { topic: "tea" }, schedule_id: "each-evening", cron: "0 20 * * *" };
    await client.schedules.create(daily);
    await page.goto(`${server.url}/ui/schedules?calendar`);
    await page.locator(".calendar-entry", { hasText: "each-evening" }).first().waitFor();
    // Five weeks from Monday on: at least the four whole ones that follow.
    expect(await page.locator(".calendar-entry").count()).toBeGreaterThanOrEqual(28);
    await client.schedules.delete("each-evening");
    await page.goto(`${server.url}/ui/executions`);
    await page.getByRole("button", { name: "More filters" }).click();
    await page.getByLabel("Agent").fill("writer");
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByLabel("Keep this view as").fill("The writer's");
    await page.getByRole("button", { name: "Keep view" }).click();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("link", { name: "The writer's" }).click();
    expect(page.url()).toMatch(/\?agent=writer$/);
    await page.getByRole("button", { name: "Export" }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "JSON lines, for a program" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("executions.jsonl");
    const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
    const listed = await client.listPage({ agentId: "writer", limit: 100 });
    const ids = listed.items.map((row) => row.execution_id);
    expect(lines.map((line) => JSON.parse(line).execution_id)).toEqual(ids);
    const [table] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV, for a spreadsheet" }).click(),
    ]);
    expect(table.suggestedFilename()).toBe("executions.csv");
    const records = parse(await readFile(await table.path(), "utf8"), { columns: true, bom: true });
    expect(records.map((record) => (record as { execution_id: string }).execution_id)).toEqual(ids);
    await page.getByText(`${ids.length} executions were written.`).waitFor();
    // Kept for the next visit, until it is forgotten.
    await page.reload();
    await page.getByRole("button", { name: "The writer's" }).click();
    await page.getByRole("button", { name: "Forget the view The writer's" }).click();
    await page.getByText("No view is kept yet").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Views", exact: true }).click();
    await page.getByText("No view is kept yet").waitFor();
  });

  test("filters the list by attributes, with the values that there are; the address keeps them", async () => {
    const client = createClient({ baseUrl: server.url });
    const start = (attributes: Record<string, string | number>) =>
      client.execute("clock.remind", { message: "Tea", seconds: 0 }, { attributes, sessionId: "attributed" });
    await Promise.all([start({ customer: "acme", amount: 90 }), start({ customer: "acme", amount: 120 })]);
    await start({ customer: "globex", amount: 500 });
    await page.goto(`${server.url}/ui/executions?session=attributed`);
    await expect.poll(() => page.locator(".rows li").count()).toBe(3);
    const filter = async (name: string, comparison: string, choose: () => Promise<void>) => {
      await page.getByRole("button", { name: "More filters" }).click();
      await page.getByLabel("Attribute", { exact: true }).fill(name);
      await page.getByLabel("Comparison").selectOption(comparison);
      await choose();
      await page.getByRole("button", { name: "Filter", exact: true }).click();
    };
    await filter("customer", "is", () => page.getByRole("button", { name: /^acme/ }).click());
    await expect.poll(() => page.locator(".rows li").count()).toBe(2);
    await filter("amount", "at least", () => page.getByLabel("Value").fill("100"));
    await expect.poll(() => page.locator(".rows li").count()).toBe(1);
    await page.reload();
    await page.getByRole("button", { name: /^amount ≥ 100/ }).waitFor();
    await expect.poll(() => page.locator(".rows li").count()).toBe(1);
    await live();
    // One that is told by the feed is judged alike.
    await start({ customer: "globex", amount: 700 });
    await start({ customer: "acme", amount: 700 });
    await expect.poll(() => page.locator(".rows li").count()).toBe(2);
  });

  test("lists executions with a webhook: one that is refused with its attempts, and one that is told once more", async () => {
    const client = createClient({ baseUrl: server.url });
    const told = (path: string) =>
      client.execute("clock.remind", { message: path, seconds: 0 }, { webhook: { url: `${bank.url}/${path}` } });
    const { execution_id: refused } = await told("transfer");
    const { execution_id: taken } = await told("told");
    await page.goto(`${server.url}/ui/webhooks`);
    await page.locator(`.inbox-item[href$="${refused}"]`).click();
    await page.getByRole("heading", { name: `${bank.url}/transfer` }).waitFor();
    await page.locator('[data-mark="bad"]', { hasText: "Failed" }).first().waitFor();
    await page.locator(`.inbox-item[href$="${taken}"]`).click();
    await page.locator('[data-mark="ok"]', { hasText: "Delivered (200)" }).waitFor();
    await page.getByRole("button", { name: "Send again: execution.completed" }).click();
    await expect.poll(() => page.locator('[data-mark="ok"]', { hasText: "Delivered (200)" }).count()).toBe(2);
    expect((await client.webhooks.get(taken)).attempts).toHaveLength(2);
    await page.getByRole("link", { name: /^Failing/ }).click();
    await page.locator(`.inbox-item[href*="${taken}"]`).waitFor({ state: "detached" });
  });

  test("divides the runs of an agent among versions, shows what became of each, and ends that", async () => {
    const client = createClient({ baseUrl: server.url });
    const about = { capabilities: ["design"], skills_available: ["text.count"], reasoning_mode: "oneshot" };
    for (const version of ["1.0.0", "1.1.0"])
      await client.agents.put("shop.reports", {
        ...{ name: "shop.reports", version, description: "Reports", status: "active", ...about },
      });
    await page.goto(`${server.url}/ui/experiments`);
    await page.getByRole("link", { name: /^shop\.reports/ }).click();
    await page.getByLabel("Weight of 1.0.0").fill("half");
    await page.getByRole("button", { name: "Begin experiment" }).click();
    await page.getByText("The weight of 1.0.0 must be a whole number").waitFor();
    await page.getByLabel("Weight of 1.0.0").fill("1");
    await page.getByLabel("Weight of 1.1.0").fill("0");
    await page.getByRole("button", { name: "Begin experiment" }).click();
    await page.getByText("Experiment is running").waitFor();
    await live();
    await client.agents.run("shop.reports", { task_context: "October" });
    const counted = page.locator('tr:has-text("1.0.0") td[data-title="Runs"]');
    await expect.poll(() => counted.textContent(), { timeout: TOLD_MS }).toBe("1");
    // Other weights while it runs: the counting begins anew, and what was typed and left changes nothing.
    const save = page.getByRole("button", { name: "Save weights" });
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel("Weight of 1.1.0").fill("9");
    await page.getByRole("button", { name: "Leave them as they are" }).click();
    await expect.poll(() => page.getByLabel("Weight of 1.1.0").inputValue()).toBe("0");
    await page.getByLabel("Weight of 1.1.0").fill("3");
    await page.locator('tr:has-text("1.1.0") td[data-title="Share"]', { hasText: "75" }).waitFor();
    await save.click();
    await expect.poll(() => counted.textContent()).toBe("0");
    const { versions } = await client.agents.experiments.get("shop.reports");
    expect(versions.map(({ version, weight }) => [version, weight])).toEqual([
      ["1.0.0", 1],
      ["1.1.0", 3],
    ]);
    await page.getByRole("button", { name: "End…" }).click();
    await page.getByRole("button", { name: "End experiment" }).click();
    await page.getByRole("button", { name: "Begin experiment" }).waitFor();
    await expect(client.agents.experiments.get("shop.reports")).rejects.toMatchObject({ status: 404 });
  });

  test("shows the mailbox of an agent that polls: what it has and what it may take", async () => {
    const client = createClient({ baseUrl: server.url });
    const agent = "agent_curly";
    await client.pollingAgents.register({ id: agent, name: "Curly", capabilities: [{ action: "write", params: {} }] });
    const subtasks = ["one", "two", "three"].map((id) => ({ id, title: `Letter ${id}`, action: "write" }));
    const last = { ...subtasks[2], id: "last", title: "Post them", prerequisite_subtask_ids: ["one", "two", "three"] };
    const task = { id: "letters", title: "Letters", subtasks: [...subtasks, last] };
    await client.plans.create({ plan_id: "plan_letters", goal: "Write letters", tasks: [task] });
    await client.plans.executions.start({ plan_id: "plan_letters", agent_id: agent });
    await client.plans.executions.poll(agent, { wait: 10 });
    await page.goto(`${server.url}/ui/remote`);
    const box = page.getByRole("link", { name: "in the mailbox of Curly" });
    await box.click();
    const mail = page.getByRole("region", { name: "Mailbox of Curly" }).first();
    await mail.getByText("Given, not begun").waitFor();
    await expect.poll(() => mail.getByText("Offered").count()).toBe(2);
    await expect.poll(() => box.textContent()).toContain("1 held, 2 offered");
    // What it holds stays; one that is sick gets nothing new.
    await withSickAgent(page, agent);
    await page.reload();
    const row = page.locator("tr", { hasText: "Curly" });
    await row.getByText("Sick: gets no new work").waitFor();
    await row.getByText(/3 leases ended without a word; drained 4 m ago/).waitFor();
    await expect.poll(() => box.textContent()).toMatch(/^1 held in/);
    await page.unrouteAll();
  });

  test("talks to a function that takes one text: what was said and answered stays with its session", async () => {
    await page.goto(`${server.url}/ui/agents/writer.draft`);
    await page.getByRole("link", { name: "Chat", exact: true }).click();
    await page.waitForURL(/session=chat-/);
    await page.getByLabel("Message").fill("How tea is grown");
    await page.getByLabel("Message").press("Enter");
    await page.locator(".answered", { hasText: "This is a simulated answer to: How tea is grown" }).waitFor();
    await page.getByLabel("Message").fill("And coffee?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".answered", { hasText: "This is a simulated answer to: And coffee?" }).waitFor();
    await page.reload();
    await expect.poll(() => page.locator(".said").allTextContents()).toEqual(["How tea is grown", "And coffee?"]);
    // A long one, read on a phone from its end; what comes while its reader looks at its beginning moves nothing.
    await page.setViewportSize({ width: 390, height: 640 });
    const long = Array.from({ length: 60 }, (_, at) => `line ${at}`).join("\n");
    await page.getByLabel("Message").fill(long);
    await page.getByRole("button", { name: "Send" }).click();
    const underComposer = () =>
      page.evaluate<number>(
        "document.querySelector('.talk').getBoundingClientRect().bottom - document.querySelector('.composer').getBoundingClientRect().top",
      );
    await page.locator(".answered").nth(2).getByText("Succeeded").waitFor();
    await expect.poll(underComposer).toBeLessThanOrEqual(0);
    await page.reload();
    await page.locator(".answered").nth(2).getByText("Succeeded").waitFor();
    await expect.poll(underComposer).toBeLessThanOrEqual(0);
    await page.evaluate("document.querySelector('.content').scrollTop = 0");
    await page.evaluate("document.querySelector('.talk').lastElementChild.style.paddingBottom = '300px'");
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    expect(await page.evaluate("document.querySelector('.content').scrollTop")).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("two people talk with an agent in one conversation, through a restart of the server; it is read again, and forgotten", async () => {
    const address = `${server.url}/ui/sessions/talk-of-two/catalog`;
    const context = await browser.newContext();
    const other = await context.newPage();
    other.setDefaultTimeout(PATIENCE_MS);
    const lines = (at: Page) => at.locator(".said, .answered .message-text").allTextContents();
    const told = (text: string) => [text, `This is a simulated answer to: ${text}`];
    const isLive = (at: Page) => at.locator('.live-mark[data-connection="live"]').waitFor();
    const say = async (at: Page, text: string) => {
      await at.getByLabel("Message").fill(text);
      await at.getByLabel("Message").press("Enter");
    };
    for (const at of [page, other]) {
      await at.goto(address);
      await at.getByText("Nothing is remembered").waitFor();
    }
    await say(page, "Which films are there?");
    for (const at of [page, other])
      await expect.poll(() => lines(at), { timeout: TOLD_MS }).toEqual(told("Which films are there?"));
    await server.restart();
    for (const at of [page, other]) await isLive(at);
    await say(other, "And which of Tarkovsky?");
    const both = [...told("Which films are there?"), ...told("And which of Tarkovsky?")];
    for (const at of [page, other]) await expect.poll(() => lines(at), { timeout: TOLD_MS }).toEqual(both);
    await page.reload();
    await expect.poll(() => lines(page)).toEqual(both);
    await page.getByRole("button", { name: "Forget…" }).click();
    await page.getByRole("button", { name: "Forget it" }).click();
    await page.waitForURL(`${server.url}/ui/sessions/talk-of-two`);
    await other.getByText("Nothing is remembered").waitFor();
    await context.close();
  });

  test("checks and stores a manifest that is typed, and runs an agent by its own", async () => {
    await page.goto(`${server.url}/ui/manifests?new`);
    const text = page.getByLabel("Manifest, as YAML or JSON");
    const typed = await text.inputValue();
    await text.fill(typed.replace("version: 0.1.0", "version: one"));
    await page.getByRole("button", { name: "Check it" }).click();
    await page
      .getByRole("alert")
      .getByText(/version/)
      .waitFor();
    await page.goto(`${server.url}/ui/manifests`);
    await page.getByRole("link", { name: /^api\.designer/ }).click();
    await page.getByLabel("Task").fill("Design an API for notes");
    await page.getByRole("button", { name: "Run" }).click();
    await page.waitForURL(/\/ui\/executions\//);
    await status("succeeded");
  });

  test("unblocks a plan: its subtasks stand by phases, and the way to go on is chosen right there", async () => {
    const client = createClient({ baseUrl: server.url });
    const subtasks = ["Send the request", "Write it down"].map((title, at) => ({
      ...{ id: `s${at}`, title, action: "send_email", prerequisite_subtask_ids: at === 0 ? [] : ["s0"] },
    }));
    const task = { id: "task_1", phase_id: "phase_1", title: "Interview Carol", estimated_hours: 2, subtasks };
    await client.plans.create({ plan_id: "plan_blocked", goal: "Win Carol", phases: ["phase_1"], tasks: [task] });
    const id = await makeBlockedPlan(client, "plan_blocked");
    await page.goto(`${server.url}/ui/executions/${id}`);
    const plan = page.getByRole("region", { name: "Plan", exact: true });
    await plan.getByText("1 of 2 subtasks").waitFor();
    await plan.getByText("The agent suggests: Call her").waitFor();
    expect(await plan.locator('.gantt-bar[data-of="actual"]').count()).toBe(1);
    await plan.getByRole("radio", { name: /^Skip task/ }).check();
    await plan.getByRole("button", { name: "Go on" }).click();
    await status("succeeded");
    await plan.getByText("2 of 2 subtasks").waitFor();
    expect((await client.plans.executions.get(id)).tasks[0]?.subtasks.map((one) => one.status)).toEqual([
      "COMPLETE",
      "SKIPPED",
    ]);
  });

  test("counts what a bulk cancel would touch, and then cancels just these", async () => {
    const client = createClient({ baseUrl: server.url });
    const start = (sessionId: string) =>
      client.executeAsync("clock.remind", { message: "Tea", seconds: 3_600 }, { sessionId });
    const ids = await Promise.all(["bulk", "bulk", "other"].map(async (one) => (await start(one)).execution_id));
    for (const id of ids) await client.wait(id, { until: ({ status_reason: why }) => why === "sleeping" });
    await page.goto(`${server.url}/ui/executions?session=bulk`);
    await expect.poll(() => page.locator(".rows li").count()).toBe(2);
    await page.getByRole("button", { name: "All of these" }).click();
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByText("2 executions take this now.").waitFor();
    await page.locator("dialog").getByRole("button", { name: "Cancel 2" }).click();
    await status("succeeded");
    const ends = await Promise.all(ids.map(async (id) => (await client.get(id)).status));
    expect(ends).toEqual(["cancelled", "cancelled", "running"]);
    await client.cancel(ids[2] ?? "");
  });

  test("shows a plan by phases, and what changed between two of its versions", async () => {
    const client = createClient({ baseUrl: server.url });
    const send = {
      id: "task_1_a",
      title: "Send the request",
      action: "send_email",
      params: { to: "carol@example.com" },
    };
    const write = { id: "task_1_b", title: "Write it down", action: "send_email" };
    const interview = { id: "task_1", phase_id: "phase_1", title: "Interview Carol", subtasks: [send, write] };
    const plan = { plan_id: "plan_carol", goal: "Win Carol", phases: ["phase_1"], tasks: [interview] };
    await client.plans.create(plan);
    await client.plans.create({ ...plan, tasks: [interview, { id: "task_2", title: "Write a proposal" }] });
    await page.goto(`${server.url}/ui/plans`);
    await page.getByRole("link", { name: /^plan_carol/ }).click();
    await page.getByText("Send the request").waitFor();
    await page.getByLabel("What changed since").selectOption("Version 1");
    await page.getByRole("list", { name: "Tasks" }).getByText("Write a proposal").waitFor();
    expect(page.url()).toContain("against=1");
  });

  test("shows memory as it changes, the runs of a session, and a key once; a key is revoked", async () => {
    const client = createClient({ baseUrl: server.url });
    await page.goto(`${server.url}/ui/memory?scope=session&id=chat-3`);
    await page.getByText("This memory is empty").waitFor();
    await live();
    await client.memory.set("greeting", "good morning", { scope: "session", sessionId: "chat-3" });
    await page.getByRole("heading", { name: "greeting" }).waitFor({ timeout: TOLD_MS });
    // A change between the first list and the place from which changes are told is not missed.
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route("**/memory/events/history*", async (route) => {
      await held;
      await route.continue();
    });
    await page.reload();
    await page.getByRole("heading", { name: "greeting" }).waitFor();
    await client.memory.set("farewell", "good night", { scope: "session", sessionId: "chat-3" });
    goOn();
    await page.getByRole("heading", { name: "farewell" }).waitFor({ timeout: TOLD_MS });
    await page.unroute("**/memory/events/history*");
    await client.execute("writer.draft", { topic: "tea" }, { sessionId: "chat-3", runId: "run-of-chat" });
    await page.goto(`${server.url}/ui/sessions/chat-3`);
    await page.locator('.table a[href$="/runs/run-of-chat"]').click();
    await page.locator('.graph-box[data-status="succeeded"]').waitFor();
    await page.getByRole("link", { name: "Keys" }).click();
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("the shop");
    await page.getByRole("button", { name: "Make the key" }).click();
    await page.getByText("It is shown this once").waitFor();
    const key = (await page.locator("dialog .snippet pre").textContent()) ?? "";
    await expect(createClient({ baseUrl: server.url, key }).listPage({ limit: 1 })).resolves.toBeDefined();
    await page.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("button", { name: "Revoke the shop" }).click();
    await page.getByRole("button", { name: "Revoke key" }).click();
    await page.locator('.table [data-mark="rest"]', { hasText: "Revoked" }).waitFor();
  });

  test("refuses nothing of what its pages need, and breaks nowhere", () => {
    expect(broken).toEqual([]);
  });
});
