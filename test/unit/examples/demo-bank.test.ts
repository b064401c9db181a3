import { afterAll, beforeAll, expect, test } from "vitest";
import type { DemoBank } from "../../../src/examples/demo-bank.ts";
import { startDemoBank } from "../../../src/examples/demo-bank.ts";

let bank: DemoBank;

beforeAll(async () => {
  bank = await startDemoBank({ port: 0 });
});

afterAll(() => bank.close());

async function post(endpoint: string, { transferId, key }: { transferId: string; key: string }): Promise<number> {
  const response = await fetch(new URL(endpoint, bank.url), {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ transfer_id: transferId }),
  });
  await response.body?.cancel();
  return response.status;
}

/** A try whose answer was lost in a crash is made again under its key. */
test.each([
  { endpoint: "reserve", statuses: [200, 200, 200, 200], applied: 1 },
  { endpoint: "transfer", statuses: [200, 200, 200, 200], applied: 4 },
  { endpoint: "notify", statuses: [503, 503, 200, 200], applied: 1 },
] as const)("$endpoint, called four times with one key, is applied $applied times", async (row) => {
  const transferId = `unit-${row.endpoint}`;
  const statuses: number[] = [];
  for (let call = 0; call < 4; call++) statuses.push(await post(row.endpoint, { transferId, key: transferId }));
  expect(statuses).toEqual(row.statuses);
  expect(bank.counts()[row.endpoint][transferId]).toEqual({ called: 4, applied: row.applied });
});
