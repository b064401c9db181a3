/** Open mode as the network sees it: raw bytes to the real server, with headers that no client library would send. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const UPGRADE =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
let server: Server;
let stateDir: string;

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "errand-open-"));
  server = await startServer({ stateDir, env: { ERRAND_ALLOWED_ORIGINS: "https://app.example.com" } });
});
afterAll(async () => {
  await server.kill("SIGKILL");
  rmSync(stateDir, { recursive: true, force: true });
});

/** The status that these very bytes are answered with. */
function statusOf(head: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(`${head}\r\n\r\n`));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
    socket.once("data", (data) => {
      resolve(Number(/^HTTP\/1\.[01] (\d{3})/.exec(data.toString())?.[1]));
      socket.destroy();
    });
  });
}

describe("open mode on the wire", () => {
  it.each([
    ["localhost", "Host: localhost:8787", 200],
    ["an address", "Host: 127.0.0.1", 200],
    ["an IPv6 literal", "Host: [::1]:8787", 200],
    ["its own page", "Host: localhost:8787\r\nOrigin: http://localhost:8787", 200],
    ["its own page under another name", "Host: 127.0.0.1:8787\r\nOrigin: http://localhost:8787", 200],
    ["a page that is allowed", "Host: localhost:8787\r\nOrigin: https://app.example.com", 200],
    ["another server's page of this machine", "Host: localhost:8787\r\nOrigin: http://localhost:3000", 403],
    ["its own page over another protocol", "Host: localhost:8787\r\nOrigin: https://localhost:8787", 403],
    ["no Host", "Accept: */*", 400],
    ["a rebound name", "Host: rebound.example:8787", 403],
    ["a name that begins like ours", "Host: localhost.rebound.example", 403],
    ["a foreign page", "Host: localhost\r\nOrigin: https://evil.example", 403],
    ["a sandboxed page", "Host: localhost\r\nOrigin: null", 403],
    ["a foreign page that wants a socket", `Host: localhost\r\nOrigin: https://evil.example\r\n${UPGRADE}`, 403],
  ])("answers %s as it should", async (_who, headers, status) => {
    expect(await statusOf(`GET /api/v1/agents HTTP/1.1\r\n${headers}`)).toBe(status);
  });

  it("believes the whole address of a request line no more than a Host", async () => {
    expect(await statusOf("GET http://rebound.example/api/v1/agents HTTP/1.1\r\nHost: rebound.example")).toBe(403);
    expect(await statusOf("GET /api/v1/agents HTTP/1.0\r\nHost: rebound.example")).toBe(403);
  });

  it("lets no foreign page start anything, not even with a form's media type", async () => {
    const body = '{"input":{"message":"x","seconds":1}}';
    const form = `Content-Type: text/plain\r\nContent-Length: ${body.length}`;
    const head = "POST /api/v1/execute/async/clock.remind HTTP/1.1\r\nHost: localhost";
    expect(await statusOf(`${head}\r\nOrigin: https://evil.example\r\n${form}\r\n\r\n${body}`)).toBe(403);
    expect(await statusOf(`${head}\r\n${form}\r\n\r\n${body}`)).toBe(202);
  });
});
