/**
 * Queues of tenants, as settings of the first database: what operators set at run time, and the names of queues whose
 * limiters hold something, or did a minute ago, for the list.
 */
import * as z from "zod";
import type { QueueRules } from "../../domain/intake/queues.ts";
import type { QueueRule } from "../../domain/intake/slot-book.ts";

const Rule = z.object({ limit: z.number().int().min(0).optional(), paused: z.boolean().optional() });
/** Of one tenant. */
const MOST_RULES = 1_000;

type Kind = "queue" | "queue_rule";

const prefixOf = (kind: Kind, tenant: string) => `${kind}:${JSON.stringify(tenant)}:`;
/** Behind all names with this prefix: the colon's next character. */
const endOf = (prefix: string) => `${prefix.slice(0, -1)};`;

export async function queueRules(database: D1Database, tenant: string): Promise<QueueRules> {
  const prefix = prefixOf("queue_rule", tenant);
  const sql = "SELECT name, value FROM settings WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3";
  const found = await database
    .prepare(sql)
    .bind(prefix, endOf(prefix), MOST_RULES)
    .all<{ name: string; value: string }>();
  return new Map(found.results.map(({ name, value }) => [name.slice(prefix.length), Rule.parse(JSON.parse(value))]));
}

/** Nothing: the definition's word counts again. */
export async function setQueueRule(
  database: D1Database,
  { tenant, queue }: { readonly tenant: string; readonly queue: string },
  rule: QueueRule | undefined,
): Promise<void> {
  const name = prefixOf("queue_rule", tenant) + queue;
  const sql =
    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
  const statement = rule
    ? database.prepare(sql).bind(name, JSON.stringify(rule))
    : database.prepare("DELETE FROM settings WHERE name = ?1").bind(name);
  await statement.run();
}

export async function registerQueue(
  database: D1Database,
  { tenant, queue }: { readonly tenant: string; readonly queue: string },
): Promise<void> {
  const sql = "INSERT INTO settings (name, value) VALUES (?1, '') ON CONFLICT (name) DO NOTHING";
  await database
    .prepare(sql)
    .bind(prefixOf("queue", tenant) + queue)
    .run();
}

export async function removeQueue(
  database: D1Database,
  { tenant, queue }: { readonly tenant: string; readonly queue: string },
): Promise<void> {
  const name = prefixOf("queue", tenant) + queue;
  await database.prepare("DELETE FROM settings WHERE name = ?1").bind(name).run();
}

/** Names behind `after`, ascending. */
export async function registeredQueues(
  database: D1Database,
  tenant: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const prefix = prefixOf("queue", tenant);
  const sql = "SELECT name FROM settings WHERE name > ?1 AND name < ?2 ORDER BY name LIMIT ?3";
  const found = await database
    .prepare(sql)
    .bind(prefix + after, endOf(prefix), limit)
    .all<{ name: string }>();
  return found.results.map(({ name }) => name.slice(prefix.length));
}
