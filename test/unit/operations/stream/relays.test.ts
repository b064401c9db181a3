import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { Relays } from "../../../../src/operations/stream/relays.ts";

function open(relays: Relays, tenant = "acme") {
  const seen = { cuts: 0 };
  const place = relays.enter(tenant, () => {
    seen.cuts += 1;
  });
  if (!place.ok) throw new Error(place.detail);
  return { place: place.value, seen };
}

describe("feeds of one tenant", () => {
  it("are as many as the limit says, and another tenant's are not counted", () => {
    const relays = new Relays({ ...DEFAULT_LIMITS, feeds: 2 });
    const [first] = [open(relays), open(relays)];
    expect(relays.enter("acme", () => {})).toMatchObject({
      ok: false,
      code: "too_many_readers",
      detail: expect.stringContaining("ERRAND_MAX_FEEDS"),
    });
    expect(relays.enter("rival", () => {}).ok).toBe(true);
    first.place.leave();
    expect(relays.enter("acme", () => {}).ok).toBe(true);
  });

  it("share one room: the one with most unread is cut, and counts until it has gone", () => {
    const relays = new Relays({ ...DEFAULT_LIMITS, feedBytes: 100 });
    const [silent, quick] = [open(relays), open(relays)];
    expect(silent.place.holds(90)).toBe(true);
    expect(quick.place.holds(5)).toBe(true);
    expect(quick.place.holds(15)).toBe(false);
    expect([silent.seen.cuts, quick.seen.cuts]).toEqual([1, 1]);
    expect(relays.enter("acme", () => {})).toMatchObject({ ok: false, code: "too_many_readers" });
    silent.place.leave();
    const later = open(relays);
    expect(later.place.holds(80)).toBe(true);
    expect(open(relays, "rival").place.holds(100)).toBe(true);
  });
});
