/**
 * A bank in memory for the example `ledger.transfer`: three endpoints that differ in what a repeated call does, which
 * is what durable effects are about. It counts calls and applications, so that anyone can see what happened twice.
 *
 * - /reserve honours Idempotency-Key: same key, same answer, applied once.
 * - /transfer does not: each call moves the money again.
 * - /notify answers 503 twice for each transfer, then 200; it honours Idempotency-Key as /reserve does.
 * - A request that breaks off, or sends anything, ends nothing but itself.
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";

const LONGEST_BODY = 1_000_000;

type Endpoint = "reserve" | "transfer" | "notify";

/** How often an endpoint was called and how often that had an effect. */
interface BankCount {
  readonly called: number;
  readonly applied: number;
}

/** endpoint → transfer_id → counts */
type BankCounts = Readonly<Record<Endpoint, Readonly<Record<string, BankCount>>>>;

export interface DemoBank {
  readonly url: string;
  counts(): BankCounts;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Order {
  readonly transferId: string;
  readonly idempotencyKey: string | undefined;
}

/** Starts the bank on 127.0.0.1; port 0 picks a free one. */
export async function startDemoBank({ port }: { port: number }): Promise<DemoBank> {
  const books = openBooks();
  const server = createServer((request, response) => {
    handle(books, request)
      .then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      })
      // It broke off, or was too long.
      .catch(() => response.destroy());
  });
  server.listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  // An error event without a listener would end the launcher.
  server.on("error", (error) => process.stderr.write(`The demo bank: ${error.message}\n`));
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    counts: books.counts,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function handle(books: Books, request: IncomingMessage): Promise<Answer> {
  const endpoint = (request.url ?? "/").slice(1);
  if (request.method === "GET" && endpoint === "counts") return { status: 200, body: { ...books.counts() } };
  if (request.method !== "POST" || !isEndpoint(endpoint)) return { status: 404, body: { error: "no such endpoint" } };

  const transferId = await readTransferId(request);
  if (!transferId) return { status: 400, body: { error: "send JSON with transfer_id, from, to and amount" } };
  const key = request.headers["idempotency-key"];
  return books[endpoint]({ transferId, idempotencyKey: typeof key === "string" ? key : undefined });
}

function isEndpoint(name: string): name is Endpoint {
  return name === "reserve" || name === "transfer" || name === "notify";
}

async function readTransferId(request: IncomingMessage): Promise<string | undefined> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > LONGEST_BODY) throw new Error("the body is too long");
  }
  try {
    const order: unknown = JSON.parse(text);
    if (typeof order !== "object" || order === null || !("transfer_id" in order)) return undefined;
    return String(order.transfer_id);
  } catch {
    return undefined;
  }
}

type Books = ReturnType<typeof openBooks>;

function openBooks() {
  // Maps: a transfer may be called by any word.
  const tally: Record<Endpoint, Map<string, BankCount>> = {
    reserve: new Map(),
    transfer: new Map(),
    notify: new Map(),
  };
  /** Idempotency-Key → the answer that was applied under it, for the endpoints that are safe to repeat. */
  const answered: Record<"reserve" | "notify", Map<string, Answer>> = { reserve: new Map(), notify: new Map() };
  let lastReference = 0;

  /** Counts one call; returns how often this endpoint was called for this transfer. */
  const count = (endpoint: Endpoint, order: Order, applied: boolean): number => {
    const before = tally[endpoint].get(order.transferId) ?? { called: 0, applied: 0 };
    const after = { called: before.called + 1, applied: before.applied + (applied ? 1 : 0) };
    tally[endpoint].set(order.transferId, after);
    return after.called;
  };
  const reference = (kind: string): Answer => ({ status: 200, body: { reference: `${kind}-${++lastReference}` } });

  const answerUnder = (endpoint: keyof typeof answered, { idempotencyKey }: Order): Answer | undefined =>
    idempotencyKey === undefined ? undefined : answered[endpoint].get(idempotencyKey);
  const remember = (endpoint: keyof typeof answered, { idempotencyKey }: Order, answer: Answer): Answer => {
    if (idempotencyKey !== undefined) answered[endpoint].set(idempotencyKey, answer);
    return answer;
  };

  return {
    counts: (): BankCounts => {
      const { reserve, transfer, notify } = tally;
      return {
        reserve: Object.fromEntries(reserve),
        transfer: Object.fromEntries(transfer),
        notify: Object.fromEntries(notify),
      };
    },
    reserve(order: Order): Answer {
      const known = answerUnder("reserve", order);
      count("reserve", order, !known);
      return known ?? remember("reserve", order, reference("reservation"));
    },
    transfer(order: Order): Answer {
      count("transfer", order, true);
      return reference("transfer");
    },
    notify(order: Order): Answer {
      const known = answerUnder("notify", order);
      const called = tally.notify.get(order.transferId)?.called ?? 0;
      const applies = !known && called >= 2;
      count("notify", order, applies);
      if (known) return known;
      if (!applies) return { status: 503, body: { error: "try again" } };
      return remember("notify", order, { status: 200, body: { notified: true } });
    },
  };
}
