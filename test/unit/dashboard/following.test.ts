import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Followed, Following } from "../../../src/dashboard/live/following.ts";
import { followOnPage } from "../../../src/dashboard/live/following.ts";

const WAIT_MS = 30;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page that follows `follow`: all that it has shown, each with the lines of its log at that time. */
function page(follow: (following: Following<string[], "ended">) => Promise<void>) {
  const leaving = new AbortController();
  const shown: (Omit<Followed<string[], "ended">, "log"> & { readonly lines: string })[] = [];
  const errors: unknown[] = [];
  followOnPage<string[], "ended">([], follow, {
    signal: leaving.signal,
    show: ({ log, ...rest }) => shown.push({ ...rest, lines: log.join(" ") }),
    waitMs: () => WAIT_MS,
    refusalOf: (error) => {
      errors.push(error);
      return { status: 404, sentence: String(error) };
    },
  });
  return { shown, errors, leave: () => leaving.abort(), later: () => vi.advanceTimersByTimeAsync(WAIT_MS) };
}

const connecting = { connection: "connecting", fault: undefined, lines: "" };
const refused = { connection: "lost", fault: { status: 404, sentence: "gone" }, lines: "" };

test("changes that come close together are one draw, and each later one is drawn too", async () => {
  let changed: Following<string[], "ended">["changed"] = () => {};
  const { shown, later } = page(async (following) => {
    changed = following.changed;
    changed("live");
    following.log.push("one");
    changed();
    following.log.push("two");
    changed();
  });
  await later();
  expect(shown).toEqual([connecting, { connection: "live", fault: undefined, lines: "one two" }]);
  changed("ended");
  await later();
  expect(shown.slice(2)).toEqual([{ connection: "ended", fault: undefined, lines: "one two" }]);
});

test("a refusal is shown by a draw that was due before it", async () => {
  const { shown, later } = page(async ({ changed }) => {
    changed("live");
    return Promise.reject("gone");
  });
  await later();
  await later();
  expect(shown).toEqual([connecting, refused]);
});

test("a refusal stays when something is drawn after it", async () => {
  let changed: Following<string[], "ended">["changed"] = () => {};
  const { shown, later } = page((following) => {
    changed = following.changed;
    return Promise.reject("gone");
  });
  await later();
  expect(shown).toEqual([connecting, refused]);
  changed();
  await later();
  expect(shown.at(-1)).toEqual(refused);
});

test("a page that is left shows nothing more and hears of no error: a draw was due, or came later", async () => {
  let changed: Following<string[], "ended">["changed"] = () => {};
  const follow = async (following: Following<string[], "ended">) => {
    changed = following.changed;
    changed("live");
    await new Promise((_, reject) => {
      following.signal.addEventListener("abort", () => reject("aborted"));
    });
  };
  const one = page(follow);
  one.leave();
  await one.later();
  expect([one.shown, one.errors]).toEqual([[connecting], []]);
  const other = page(follow);
  await other.later();
  const { length } = other.shown;
  other.leave();
  changed("lost");
  await other.later();
  await other.later();
  expect([other.shown.length, other.errors]).toEqual([length, []]);
  expect(vi.getTimerCount()).toBe(0);
});
