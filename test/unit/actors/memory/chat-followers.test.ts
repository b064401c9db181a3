/** Executions that a conversation follows and cannot reach: one that is gone is told, another is looked at again. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ChatFollowers } from "../../../../src/actors/memory/chat-followers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function followers(answer: () => Response) {
  const [asked, gone, logged]: [number[], string[], unknown[]] = [[], [], []];
  const open = new Map([["e", 7]]);
  const made = new ChatFollowers({
    client: {
      stream: async (_, id, { after }) => {
        if (id !== "e") throw new Error(`nobody follows ${id}`);
        asked.push(after);
        return answer();
      },
    },
    owner: { tenant: "t", subject: "ann", scopes: ["read"] },
    from: (id) => open.get(id),
    take: () => {},
    gone: (id) => {
      gone.push(id);
      open.delete(id);
    },
    log: (entry) => void logged.push(entry),
  });
  return { asked, gone, logged, open, follow: () => made.follow("e") };
}

const refused = (code: string) => () => Response.json({ ok: false, code, detail: "no" });

it("tells of one of which nothing is known, and asks no more", async () => {
  for (const code of ["not_found", "gone"]) {
    const { gone, asked, follow } = followers(refused(code));
    follow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([gone, asked]).toEqual([["e"], [7]]);
    follow();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual([7]);
  }
});

it("leaves one that refuses for now to the next look, which asks once", async () => {
  const { gone, asked, follow } = followers(refused("unavailable"));
  follow();
  follow();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([gone, asked]).toEqual([[], [7]]);
  follow();
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual([7, 7]);
});

it("asks again after a second where the way was cut, as long as it is open", async () => {
  const { asked, logged, open, follow } = followers(() => {
    throw new Error("cut");
  });
  follow();
  await vi.advanceTimersByTimeAsync(2_500);
  expect([asked.length, logged.length]).toEqual([3, 3]);
  open.delete("e");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(3);
});
