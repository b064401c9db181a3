/**
 * An agent that runs elsewhere, without an SDK: `AGENTFIELD_SERVER=http://localhost:8787 node src/examples/remote-node.ts`. It offers
 * `words.count`, and `words.compare`, which calls the other one through the server.
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";

const { AGENTFIELD_SERVER: server = "http://localhost:8080", AGENTFIELD_API_KEY: key, PORT = "8001" } = process.env;
const baseUrl = `http://localhost:${PORT}`;

/** What a function is given: its input, and a call of another function beneath its own execution. */
type Work = (input: Record<string, unknown>, call: (target: string, input: object) => Promise<unknown>) => unknown;

const functions: ReadonlyMap<string, Work> = new Map<string, Work>([
  ["count", ({ text: words }) => ({ words: String(words).split(/\s+/).filter(Boolean).length })],
  [
    "compare",
    async ({ texts }, call) => {
      const counts = (texts as string[]).map((one) => call("words.count", { text: one }));
      return { counts: await Promise.all(counts) };
    },
  ],
]);

/** A POST where there is a body. */
async function api(path: string, body?: object, headers: Record<string, string> = {}) {
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const known = key === undefined ? headers : { ...headers, "X-API-Key": key };
  const answer = await fetch(`${server}/api/v1${path}`, { ...sent, headers: known });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

/** A child of the execution that it works at. A read is held until the child ends, for ten seconds at most. */
async function callFrom({ headers }: IncomingMessage, target: string, input: object): Promise<unknown> {
  const above = { "X-Run-ID": `${headers["x-run-id"]}`, "X-Parent-Execution-ID": `${headers["x-execution-id"]}` };
  const { execution_id: id } = await api(`/execute/async/${target}`, { input }, above);
  for (;;) {
    const { status, result, error } = await api(`/executions/${id}`);
    if (status === "succeeded") return result;
    if (["failed", "cancelled", "timeout"].includes(`${status}`)) throw new Error(`${target}: ${error ?? status}`);
    await new Promise((goOn) => setTimeout(goOn, 200));
  }
}

/** Says it until it is heard: a report that comes twice changes nothing. */
async function report(id: string, end: object): Promise<void> {
  for (let waitMs = 500; ; waitMs = Math.min(2 * waitMs, 30_000)) {
    const heard = await api(`/executions/${id}/status`, end).catch((error: unknown) => error as Error);
    if (!(heard instanceof Error)) return;
    process.stderr.write(`${heard.message}\n`);
    await new Promise((goOn) => setTimeout(goOn, waitMs));
  }
}

const node = createServer(async (request, response) => {
  const answer = (status: number, said: object) => void response.writeHead(status).end(JSON.stringify(said));
  if (request.url === "/status") return answer(200, { status: "running", node_id: "words" });
  const work = functions.get(request.url?.replace("/reasoners/", "") ?? "");
  if (!work) return answer(404, { error: `there is no ${request.url} here` });
  const body: Buffer[] = [];
  for await (const piece of request) body.push(piece as Buffer);
  const input = JSON.parse(Buffer.concat(body).toString()) as Record<string, unknown>;
  const id = `${request.headers["x-execution-id"]}`;
  answer(202, { status: "processing", execution_id: id });
  const end = await Promise.resolve()
    .then(() => work(input, (target, given) => callFrom(request, target, given)))
    .then((result) => ({ status: "succeeded", result }))
    .catch((error: unknown) => ({ status: "failed", error: String(error) }));
  await report(id, end);
}).listen(Number(PORT));
await once(node, "listening");

const reasoners = [...functions.keys()].map((id) => ({ id, input_schema: { type: "object" } }));
// A new instance id says that an older process of this node is gone.
await api("/nodes/register", { id: "words", base_url: baseUrl, reasoners, instance_id: crypto.randomUUID() });
setInterval(() => void api("/nodes/words/heartbeat", { status: "ready" }).catch(() => {}), 30_000);
process.stdout.write(`words listens at ${baseUrl}, for ${server}\n`);
