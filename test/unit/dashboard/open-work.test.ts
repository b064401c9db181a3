import { expect, test } from "vitest";
import type { Client } from "../../../src/client/client.ts";
import { openWork } from "../../../src/dashboard/remote/open-work.ts";

const { signal } = new AbortController();

/** A client with these open executions, by status; `read` grows by each page's item that is taken. */
function clientWith(open: Readonly<Record<string, readonly string[]>>, gone: readonly string[] = []) {
  const read: string[] = [];
  const client = {
    plans: {
      get: async (id: string) => ({ id, tasks: [] }),
      executions: {
        get: async (id: string) => {
          if (gone.includes(id)) throw new Error("gone");
          return { id, plan_id: `plan of ${id}` };
        },
        async *list({ status }: { readonly status: string }) {
          for (const id of open[status] ?? []) {
            read.push(id);
            yield { id };
          }
        },
      },
    },
  };
  return { client: client as unknown as Client, read };
}

const many = Array.from({ length: 50 }, (_, n) => `running ${n}`);

test("many that run leave room for those that wait for a person; no list is read to its end", async () => {
  const { client, read } = clientWith({ RUNNING: many, BLOCKED: ["blocked"] });
  const { items, more } = await openWork(client, signal);
  expect(items.map(({ work: { id } }) => id)).toEqual([...many.slice(0, 10), "blocked"]);
  expect(more).toBe(true);
  expect(read).toHaveLength(12);
});

test("one that is gone since it was listed is left out, and one in two lists stands once", async () => {
  const { client } = clientWith({ RUNNING: ["a", "b"], PAUSED: ["b", "c"] }, ["a"]);
  const { items, more } = await openWork(client, signal);
  expect(items).toMatchObject([{ work: { id: "b" }, plan: { id: "plan of b" } }, { work: { id: "c" } }]);
  expect(items).toHaveLength(2);
  expect(more).toBe(false);
});
