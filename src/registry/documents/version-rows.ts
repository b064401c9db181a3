/** What documents in versions share, whatever they are: who came first with a version, and the bytes that a tenant keeps. */

/** Statements that keep a tenant's running total of bytes. Tables are names of this house, never of a caller. */
export function usageStatements({ usage, versions }: { readonly usage: string; readonly versions: string }) {
  return {
    /** ?1: tenant, ?2: bytes. */
    add: `INSERT INTO ${usage} (tenant, bytes) VALUES (?1, ?2)
ON CONFLICT (tenant) DO UPDATE SET bytes = bytes + excluded.bytes`,
    /** ?1: tenant, ?2: id; before the versions of that id are removed. */
    giveBack: `UPDATE ${usage} SET bytes = bytes - (SELECT coalesce(sum(bytes), 0) FROM ${versions}
WHERE tenant = ?1 AND id = ?2) WHERE tenant = ?1`,
  } as const;
}

/** Whether another writer has stored this version. */
export function isTaken(error: unknown, versions: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return `${error} ${cause}`.includes(`UNIQUE constraint failed: ${versions}`);
}
