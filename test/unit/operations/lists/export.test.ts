/** A whole list, page after page: how far one answer goes, and that it ends with the key of its reader. */
import { expect, test } from "vitest";
import { EXPORT_PAGES } from "../../../../src/contract/exports.ts";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { Exported } from "../../../../src/operations/lists/export.ts";
import { exportedItems } from "../../../../src/operations/lists/export.ts";

const ann: Principal = { tenant: "acme", subject: "ann", scopes: ["read"] };
/** It has to be asked for again at each look. */
const KEY = { hash: "h", untilMs: 1_000 };
const pageOf = (n: number, last: number) => ({ items: [{ n }], nextCursor: n === last ? null : String(n + 1) });

function listOf(pages: number, fields: Partial<Exported> = {}): Exported {
  const leave = { now: () => 1_000, ring: { keyOfHash: async () => accept(KEY) } };
  const next = async (cursor: string) => pageOf(Number(cursor), pages);
  return { first: pageOf(1, pages), next, most: undefined, caller: ann, leave, ...fields };
}

async function read(list: Exported): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of exportedItems(list)) items.push(item);
  return items;
}
const numbered = (length: number) => Array.from({ length }, (_, n) => ({ n: n + 1 }));

test("reads on to the end of the list, or says where it goes on", async () => {
  expect(await read(listOf(EXPORT_PAGES))).toEqual(numbered(EXPORT_PAGES));
  const next_cursor = String(EXPORT_PAGES + 1);
  expect(await read(listOf(EXPORT_PAGES + 1))).toEqual([...numbered(EXPORT_PAGES), { next_cursor }]);
});

test("reads one page where so many items were asked for", async () => {
  expect(await read(listOf(3, { most: 1 }))).toEqual([{ n: 1 }, { next_cursor: "2" }]);
});

test("is cut between two pages once the key of its reader is revoked", async () => {
  let isRevoked = false;
  const keyOfHash = async () => (isRevoked ? refuse("unauthorized", "the key was revoked") : accept(KEY));
  const leave = { now: () => 1_000, ring: { keyOfHash } };
  const seen: unknown[] = [];
  const reading = async () => {
    for await (const item of exportedItems(listOf(5, { caller: { ...ann, key: KEY }, leave }))) {
      seen.push(item);
      isRevoked = seen.length === 2;
    }
  };
  await expect(reading()).rejects.toThrow("the key was revoked");
  expect(seen).toEqual(numbered(2));
});
