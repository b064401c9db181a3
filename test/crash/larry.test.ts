/**
 * Larry's three phases of prospecting against a real mail server, a service for calls, and the real runtime; and the same while he and
 * the runtime are killed in the middle. A mail goes out once, unless a person who saw that it is in doubt had it sent again.
 * `node test/measure/larry.ts` is the same of ten seeds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LarryProcess } from "../support/larry/larry-process.ts";
import { bounceOf, replyTo } from "../support/larry/mail-server.ts";
import { CAROL, ProspectingScene, resultOf, SCENE_LIMIT_MS } from "../support/larry/prospecting-scene.ts";

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "errand-larry-"));
let scene: ProspectingScene;

beforeAll(async () => {
  scene = await ProspectingScene.open(folder);
});
afterAll(async () => {
  await scene.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("Larry", () => {
  beforeEach(() => scene.begin());

  it("finds prospects, writes to one, waits for her answer, meets her and writes it down", {
    timeout: SCENE_LIMIT_MS,
  }, async () => {
    const execution = await scene.run((mail) => replyTo(mail, "Sounds great, I would love that. Thursday at 2 PM"));
    expect(await scene.broken(execution)).toEqual([]);
    expect(scene.smtp.mails.map(({ to, messageId }) => [to, messageId])).toEqual([
      [[CAROL], `${execution.id}/task_2_a@larry.example`],
    ]);
    expect(resultOf(execution, "task_2_a")).toMatchObject({
      ...{ email_sent_to: CAROL, mailbox_used: "larry@larry.example", recipient_response_received: true },
      response_excerpt: "Sounds great, I would love that. Thursday at 2 PM",
      ...{ email_timestamp: expect.any(String), response_timestamp: expect.any(String) },
    });
    const { capabilities } = await scene.call<{ capabilities: { action: string }[] }>(
      "GET",
      "/api/agents/agent_larry_1",
    );
    expect(capabilities.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["search_places", "search_google_maps"]),
    );
    expect(resultOf(execution, "task_2_c")).toMatchObject({ answers: 1, sentiment: "positive" });
    const told = " - INFO - Reporting event: task_complete for task task_2_a";
    expect(scene.logLines.filter((line) => line.endsWith(told))).toHaveLength(1);
    expect(await scene.larry.kill("SIGTERM")).toBe(0);
  });

  it("is blocked when the mail bounces, calls when a person approves it, and goes on", {
    timeout: SCENE_LIMIT_MS,
  }, async () => {
    const execution = await scene.run((mail) => bounceOf(mail));
    expect(await scene.broken(execution)).toEqual([]);
    expect([scene.smtp.mails.length, scene.calls.length]).toEqual([1, 1]);
    expect(resultOf(execution, "task_2_a")).toMatchObject({ called_number: "860-555-0116", answered: true });
  });

  it(`and the runtime are killed again and again: no mail twice in silence, CRASH_SEED=${SEED}`, {
    timeout: 2 * SCENE_LIMIT_MS,
  }, async () => {
    const { execution, told } = await scene.runKilled({ seed: SEED, kills: 4 }, (mail) => replyTo(mail, "Sounds good"));
    expect(await scene.broken(execution)).toEqual([]);
    expect(told.killedLarry + told.killedRuntime).toBeGreaterThan(0);
  });
});

it("Larry says whom he asks for work before he is answered, and that he is not", async () => {
  const alone = new LarryProcess({ url: "http://127.0.0.1:9", home: join(folder, "alone"), smtpUrl: scene.smtp.url });
  const starting = alone.start().catch(() => {});
  await expect.poll(() => alone.output).toContain("Larry asks http://127.0.0.1:9 for its work, as agent_larry_001.\n");
  await expect.poll(() => alone.output).toContain("warning: http://127.0.0.1:9 does not answer");
  await alone.kill("SIGKILL");
  await starting;
});
