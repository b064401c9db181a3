import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { OUTBOUND } from "../../../src/define/http-skill.ts";
import { defineSkill, InDoubt, ToolError } from "../../../src/define/index.ts";
import { offered } from "../../../src/define/offer.ts";
import { guardedFetch } from "../../../src/outbound/guarded-fetch.ts";

const input = z.object({ text: z.string() });
const basics = { description: "d", version: "1.0.0", input };
const attempt = {
  attempt: 1,
  signal: new AbortController().signal,
  idempotencyKey: "key-1",
  scratchpad: { record: () => {}, read: () => undefined, clear: () => {} },
  now: () => 0,
  random: () => 0,
};
const services = {
  [OUTBOUND]: guardedFetch({ reach: { anywhere: true, allowed: [] }, fetch: (url, init) => fetch(url, init) }),
};

describe("defineSkill", () => {
  test("takes names with dots, and keeps what it was given", () => {
    const skill = defineSkill({ ...basics, name: "api.define", idempotent: true, run: ({ text }) => text });
    expect(skill).toMatchObject({ name: "api.define", status: "active", options: { idempotent: true } });
    expect(skill.inputSchema).toMatchObject({ properties: { text: { type: "string" } } });
  });

  test.each([
    ["Api", "name must match"],
    ["", "name must match"],
    [`a${"b".repeat(64)}`, "name must match"],
  ])("refuses the name %j", (name, why) => {
    expect(() => defineSkill({ ...basics, name, run: () => null })).toThrow(why);
  });

  test("refuses an answer that does not fit its schema", async () => {
    const output = z.object({ n: z.number() });
    const skill = defineSkill({ ...basics, name: "a", output, run: () => ({ n: "x" }) as never });
    await expect(skill.run({ text: "t" }, attempt, services)).rejects.toThrow("its answer does not fit its schema");
  });

  test("names a skill that is in the list twice, and a service that is missing", () => {
    const skill = defineSkill({ ...basics, name: "a", services: { bank: {} }, run: () => null });
    const { faults } = offered({ agents: [], definitions: [], skills: [skill, skill], services: {} });
    expect(faults[0]).toBe('the skill "a" is in the list twice');
    expect(faults[1]).toContain('the skill "a" needs the service "bank"');
  });
});

describe("a skill without code", () => {
  async function served(answer: (body: string) => { status: number; text: string; headers?: Record<string, string> }) {
    const requests: { method: string; headers: Record<string, unknown>; body: string }[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      requests.push({ method: request.method ?? "", headers: request.headers, body });
      const { status, text, headers = {} } = answer(body);
      response.writeHead(status, headers).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/do`;
    return { url, requests, close: () => server.close() };
  }

  test("sends its inputs with the key of the attempt, and gives what is answered", async () => {
    const { url, requests, close } = await served(() => ({ status: 200, text: '{"done":true}' }));
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url, headers: { "x-team": "blue" } } });
    expect(await skill.run({ text: "t" }, attempt, services)).toEqual({ done: true });
    expect(requests).toMatchObject([
      { method: "POST", body: '{"text":"t"}', headers: { "idempotency-key": "key-1", "x-team": "blue" } },
    ]);
    close();
  });

  test.each([
    [500, false],
    [429, false],
    [404, true],
  ])("fails with the status %i, which is final: %s", async (status, fatal) => {
    const { url, close } = await served(() => ({ status, text: "no" }));
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url } });
    const failed = await skill.run({ text: "t" }, attempt, services).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ToolError);
    expect(failed).toMatchObject({ fatal, message: expect.stringContaining(`answered ${status}: no`) });
    close();
  });

  test("reads no more than a megabyte of an answer without end, and does not ask again for it", async () => {
    let sent = 0;
    const server = createServer((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536))) sent += 65_536;
        response.once("drain", more);
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url } });
    const failed = await skill.run({ text: "t" }, attempt, services).catch((error: unknown) => error);
    expect(failed).toMatchObject({ fatal: true, message: expect.stringContaining("more than 1048576 bytes") });
    expect(sent).toBeLessThan(64 * 1_048_576);
    server.closeAllConnections();
    server.close();
  });

  test("is sent under the key of its attempt and as JSON, whatever its own headers say", async () => {
    const { url, requests, close } = await served(() => ({ status: 200, text: "" }));
    const headers = { "idempotency-key": "mine", "content-type": "text/plain" };
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url, headers } });
    expect(await skill.run({ text: "t" }, attempt, services)).toBeNull();
    expect(requests[0]?.headers).toMatchObject({ "idempotency-key": "key-1", "content-type": "application/json" });
    close();
  });

  test("is tried again where an error has more words than are read", async () => {
    const { url, close } = await served(() => ({ status: 500, text: "x".repeat(1_048_577) }));
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url } });
    const failed = await skill.run({ text: "t" }, attempt, services).catch((error: unknown) => error);
    expect(failed).toMatchObject({ fatal: false, message: expect.stringContaining("more than 1048576 bytes") });
    close();
  });

  test("follows no redirect: who answers names no other address", async () => {
    const { url, requests, close } = await served(() => ({ status: 302, text: "", headers: { location: "/inside" } }));
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url } });
    const failed = await skill.run({ text: "t" }, attempt, services).catch((error: unknown) => error);
    expect(failed).toMatchObject({ fatal: true, message: expect.stringContaining("answered 302") });
    expect(requests).toHaveLength(1);
    close();
  });

  test("is in doubt where no whole answer came, and final where a success has no JSON", async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("{");
      setImmediate(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const at = (url: string) =>
      defineSkill({ ...basics, name: "remote.do", http: { url } })
        .run({ text: "t" }, attempt, services)
        .catch((error: unknown) => error);
    expect(await at(`http://127.0.0.1:${port}/`)).toBeInstanceOf(InDoubt);
    server.close();
    expect(await at(`http://127.0.0.1:${port}/`)).toBeInstanceOf(InDoubt);
    const { url, close } = await served(() => ({ status: 200, text: "done" }));
    expect(await at(url)).toMatchObject({ fatal: true, message: expect.stringContaining("answered no JSON") });
    close();
  });

  test("leaves by the one way out: an address that this deployment does not reach is not asked, and is final", async () => {
    const { url, requests, close } = await served(() => ({ status: 200, text: "1" }));
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url } });
    const reach = { anywhere: false, allowed: [] };
    const judged = { [OUTBOUND]: guardedFetch({ reach, fetch: (to, init) => fetch(to, init) }) };
    const failed = await skill.run({ text: "t" }, attempt, judged).catch((error: unknown) => error);
    expect(failed).toMatchObject({ fatal: true, message: expect.stringContaining("127.0.0.1, which is no public") });
    expect(requests).toEqual([]);
    const { faults } = offered({ agents: [], definitions: [], skills: [skill], services: {} });
    expect(faults).toEqual([expect.stringContaining(`needs the service "${OUTBOUND}"`)]);
    close();
  });

  test("gives an answer up that goes on when its attempt ends", async () => {
    const over = new AbortController();
    const server = createServer((_request, response) => {
      response.writeHead(200).write("{");
      setImmediate(() => over.abort(new Error("it is over")));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url } });
    const { signal } = over;
    await expect(skill.run({ text: "t" }, { ...attempt, signal }, services)).rejects.toThrow("it is over");
    server.closeAllConnections();
    server.close();
  });

  test("ends with its attempt", async () => {
    const { url, requests, close } = await served(() => ({ status: 200, text: "1" }));
    const skill = defineSkill({ ...basics, name: "remote.do", http: { url } });
    const signal = AbortSignal.abort(new Error("it is over"));
    await expect(skill.run({ text: "t" }, { ...attempt, signal }, services)).rejects.toThrow("it is over");
    expect(requests).toEqual([]);
    close();
  });

  test("is refused with an address that is none", () => {
    expect(() => defineSkill({ ...basics, name: "a", http: { url: "ftp://x" } })).toThrow("http.url must be");
  });
});
