/** Statements and columns of an execution's rows. Used by its store alone. */
import type { ChainMark } from "../../domain/execution/chain.ts";
import type { Event } from "../../domain/execution/event.ts";
import { EVENT_VERSION } from "../../domain/execution/event.ts";
import type { EventRow } from "../../engine/ports.ts";

/** A sealed column, or a text from a time without encryption. */
export type Column = ArrayBuffer | string;
type Written = Uint8Array | string;
export type StoredRow = { last_seq: number; content: Column };
export interface OpenedRow extends EventRow {
  readonly lastSeq: number;
  readonly content: Column;
  readonly raw: readonly unknown[];
  readonly marks: readonly ChainMark[];
}
export type Statement = readonly [query: string, ...values: (Written | number | null)[]];

export const INSERT = "INSERT INTO log (last_seq, page, content, schema, owed) VALUES (?, ?, ?, ?, ?)";
export const UPDATE = "UPDATE log SET schema = ?, owed = ? WHERE last_seq = ?";
export const AFTER =
  "SELECT last_seq, content FROM log WHERE last_seq > ? AND (page = 1 OR last_seq > ?) ORDER BY last_seq";
export const LAST_PAGE = "SELECT last_seq FROM log WHERE page = 1 ORDER BY last_seq DESC LIMIT 1";
export const MAKE_PAGES = "UPDATE log SET page = 1 WHERE last_seq > ?";
export const SNAPSHOT = "INSERT OR REPLACE INTO log (last_seq, content) VALUES (0, ?)";
export const PUT = "INSERT OR REPLACE INTO outbox (id, message, attempts, next_at_ms) VALUES (?, ?, ?, ?)";
export const CORE = "core";
export const logPlace = (lastSeq: number) => `log ${lastSeq}`;
export const messagePlace = (id: string) => `outbox ${id}`;

export function isOurs(content: Column, event: unknown): event is Event {
  return typeof content !== "string" && (event as Partial<Event> | null)?.v === EVENT_VERSION;
}
