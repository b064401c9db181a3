/**
 * The fan-in of summaries: rows of many executions become one transaction of D1, and live lists hear of them. It has no
 * storage of its own; how rows are gathered, written and put aside is `FanIn`.
 */
import { DurableObject } from "cloudflare:workers";
import { feedFrame } from "../contract/feed.ts";
import type { LedgerEntry } from "../registry/ledger.ts";
import { nameOf } from "../registry/ledger.ts";
import { isArchived, summaryOf } from "../registry/projection.ts";
import type { FanInParts } from "./parts/fan-in.ts";
import { FanIn } from "./parts/fan-in.ts";
import { sendText } from "./parts/live-feed.ts";

/** The index behind the ledger. */
export type LedgerIndex = Pick<FanInParts<LedgerEntry>, "write" | "isUp" | "park">;

export function ledgerActor<Env>(indexOf: (env: Env) => LedgerIndex) {
  return class LedgerActor extends DurableObject<Env> {
    readonly #entries = new FanIn<LedgerEntry>({
      ...indexOf(this.env),
      written: (entries) => this.#publish(entries),
      nameOf,
      seqOf: ({ row }) => Number(row.seq),
    });

    /** Resolves when D1 has the row, or has it among those put aside. */
    record(entry: LedgerEntry): Promise<void> {
      return this.#entries.add(entry);
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
    #publish(entries: readonly LedgerEntry[]): void {
      const sockets = this.ctx.getWebSockets();
      if (sockets.length === 0) return;
      const texts = entries.flatMap(({ kind, row }) =>
        kind === "execution" && !isArchived(row)
          ? [JSON.stringify({ owner: row.owner, ...feedFrame(summaryOf(row)) })]
          : [],
      );
      for (const socket of sockets) for (const text of texts) sendText(socket, text);
    }
  };
}
