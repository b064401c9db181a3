/**
 * The fan-in of summaries: many executions' rows become one statement of D1. It has no storage of its own: a row that it
 * loses in a crash was not acknowledged, and its execution sends it again.
 *
 * K1  `record` resolves only when D1 has the row, and rejects when it does not: then the sender tries again later.
 * K2  A batch that fails is halved until the bad row stands alone; its neighbours are not held up.
 */
import { DurableObject } from "cloudflare:workers";
import { feedFrame } from "../contract/feed.ts";
import type { ExecutionRow } from "../registry/projection.ts";
import { summaryOf } from "../registry/projection.ts";
import { sendText } from "./parts/live-feed.ts";

const MAX_ROWS = 50;
const MAX_WAIT_MS = 20;

interface Pending {
  readonly row: ExecutionRow;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export type Project<Env> = (env: Env, rows: readonly ExecutionRow[]) => Promise<void>;

export function ledgerActor<Env>(project: Project<Env>) {
  return class LedgerActor extends DurableObject<Env> {
    #pending: Pending[] = [];
    #writing: Promise<void> | undefined;

    record(row: ExecutionRow): Promise<void> {
      return new Promise((resolve, reject) => {
        this.#pending.push({ row, resolve, reject });
        this.#writing ??= this.#write().finally(() => {
          this.#writing = undefined;
        });
      });
    }

    /** A reader of live lists; the router asked for it and knows whose it is. */
    override async fetch(): Promise<Response> {
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      return new Response(null, { status: 101, webSocket: client });
    }

    override webSocketClose(socket: WebSocket): void {
      socket.close();
    }

    /** After D1 has the rows: a reader that comes back finds there what it missed. `owner` is for the router's eyes. */
    #publish(rows: readonly ExecutionRow[]): void {
      const sockets = this.ctx.getWebSockets();
      if (sockets.length === 0) return;
      const texts = rows.map((row) => JSON.stringify({ owner: row.owner, ...feedFrame(summaryOf(row)) }));
      for (const socket of sockets) for (const text of texts) sendText(socket, text);
    }

    /** While one batch is at D1 the next one gathers. */
    async #write(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS));
      while (this.#pending.length > 0) await this.#project(this.#pending.splice(0, MAX_ROWS));
    }

    async #project(batch: readonly Pending[]): Promise<void> {
      try {
        const rows = newest(batch);
        await project(this.env, rows);
        this.#publish(rows);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        if (batch.length === 1) return batch[0]?.reject(error);
        const half = batch.length >> 1;
        await this.#project(batch.slice(0, half));
        await this.#project(batch.slice(half));
      }
    }
  };
}

/** One row an execution: several of one batch would conflict with each other inside the statement. */
function newest(batch: readonly Pending[]): ExecutionRow[] {
  const rows = new Map<unknown, ExecutionRow>();
  for (const { row } of batch) {
    const known = rows.get(row.id);
    if (!known || Number(known.seq) < Number(row.seq)) rows.set(row.id, row);
  }
  return [...rows.values()];
}
