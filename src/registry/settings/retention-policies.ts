/** How long tenants keep their ended executions: settings of the deployment's own database, one a tenant. */
import { RetentionPolicy } from "../../domain/execution/retention.ts";

const PREFIX = "retention:";
/** Behind all names with this prefix. */
const END = "retention;";

const nameOf = (tenant: string) => PREFIX + tenant;
const parsed = (text: string) => RetentionPolicy.parse(JSON.parse(text));

/** Of all tenants that said something, by name. */
export async function retentionPolicies(database: D1Database): Promise<ReadonlyMap<string, RetentionPolicy>> {
  const { results } = await database
    .prepare("SELECT name, value FROM settings WHERE name >= ?1 AND name < ?2")
    .bind(PREFIX, END)
    .all<{ name: string; value: string }>();
  return new Map(results.map(({ name, value }) => [name.slice(PREFIX.length), parsed(value)]));
}

export async function retentionPolicy(database: D1Database, tenant: string): Promise<RetentionPolicy> {
  const text = await database
    .prepare("SELECT value FROM settings WHERE name = ?1")
    .bind(nameOf(tenant))
    .first<string>("value");
  return text === null ? {} : parsed(text);
}

/** One that says nothing is removed. */
export async function setRetentionPolicy(database: D1Database, tenant: string, policy: RetentionPolicy): Promise<void> {
  const sql =
    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
  const says = Object.values(policy).some((days) => days !== undefined);
  const statement = says
    ? database.prepare(sql).bind(nameOf(tenant), JSON.stringify(policy))
    : database.prepare("DELETE FROM settings WHERE name = ?1").bind(nameOf(tenant));
  await statement.run();
}
