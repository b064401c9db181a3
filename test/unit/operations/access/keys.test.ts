import { describe, expect, test } from "vitest";
import type { KeyRecord } from "../../../../src/domain/execution/key.ts";
import type { KeyHolder } from "../../../../src/operations/access/api-key-authenticator.ts";
import { ApiKeyAuthenticator } from "../../../../src/operations/access/api-key-authenticator.ts";
import { RateLimit } from "../../../../src/operations/access/rate-limit.ts";
import { hashKey, isKeyShaped, isSameSecret, newKeySecret } from "../../../../src/vault/keys.ts";

class HandClock {
  nowMs = 1_000_000;
  readonly now = () => this.nowMs;
}

class KeyShelf {
  readonly records = new Map<string, KeyRecord>();
  looked = 0;
  /** What happens while a look-up is on its way. */
  meanwhile = () => {};
  isDown = false;

  async find(hash: string): Promise<KeyRecord | undefined> {
    this.looked += 1;
    if (this.isDown) throw new Error("D1 is down");
    const found = this.records.get(hash);
    this.meanwhile();
    return found;
  }

  async any(): Promise<boolean> {
    this.looked += 1;
    return this.records.size > 0;
  }

  put(secret: string): KeyRecord {
    const hash = hashKey(secret);
    const record: KeyRecord = {
      id: `key_${this.records.size}`,
      hash,
      tenant: "acme",
      subject: "olga",
      name: "a key",
      prefix: secret.slice(0, 13),
      scopes: ["read"],
      rateLimitPerMin: null,
      createdAtMs: 0,
      createdBy: "root",
      revokedAtMs: null,
    };
    this.records.set(hash, record);
    return record;
  }

  revoke(record: KeyRecord): void {
    this.records.set(record.hash, { ...record, revokedAtMs: 1 });
  }
}

const vault = { isKeyShaped, hashKey, isSameSecret };

function ring(rootKey?: string): { ring: ApiKeyAuthenticator; shelf: KeyShelf; clock: HandClock } {
  const [shelf, clock] = [new KeyShelf(), new HandClock()];
  return { ring: new ApiKeyAuthenticator({ store: shelf, vault, rootKey, now: clock.now }), shelf, clock };
}

describe("a key ring", () => {
  test("counts its 30 seconds from the start of a look-up: a revocation during it is not given longer", async () => {
    const { ring: keys, shelf, clock } = ring();
    const secret = newKeySecret();
    const record = shelf.put(secret);
    shelf.meanwhile = () => {
      shelf.revoke(record);
      clock.nowMs += 10_000;
    };
    expect(await keys.holderOf(secret)).toMatchObject({ ok: true });
    clock.nowMs += 19_999;
    expect(await keys.holderOf(secret)).toMatchObject({ ok: true });
    clock.nowMs += 1;
    expect(await keys.holderOf(secret)).toMatchObject({ ok: false, code: "unauthorized" });
  });

  test("goes on believing a key that was good while it cannot be looked up, for a quarter of an hour", async () => {
    const { ring: keys, shelf, clock } = ring();
    const [good, unseen] = [newKeySecret(), newKeySecret()];
    for (const secret of [good, unseen]) shelf.put(secret);
    await keys.holderOf(good);
    const from = clock.nowMs;
    shelf.isDown = true;
    for (const minutes of [1, 5, 14.9]) {
      clock.nowMs = from + minutes * 60_000;
      const found = await keys.holderOf(good);
      // Believed for seconds at a time, and looked up again after them.
      expect(found).toMatchObject({
        ok: true,
        value: { caller: { subject: "olga", key: { untilMs: clock.nowMs + 5_000 } } },
      });
      const { looked } = shelf;
      await keys.holderOf(good);
      expect(shelf.looked).toBe(looked);
      expect(await keys.holderOf(unseen)).toMatchObject({ ok: false, code: "unavailable" });
    }
    clock.nowMs = from + 15 * 60_000;
    expect(await keys.holderOf(good)).toMatchObject({ ok: false, code: "unavailable" });
  });

  test("that found a key revoked, or was told so, does not believe it when the registry is away afterwards", async () => {
    const { ring: keys, shelf, clock } = ring();
    const secrets = [newKeySecret(), newKeySecret()] as const;
    const records = secrets.map((secret) => shelf.put(secret));
    for (const secret of secrets) await keys.holderOf(secret);
    for (const record of records) shelf.revoke(record);
    keys.forget(hashKey(secrets[0]));
    clock.nowMs += 30_000;
    expect(await keys.holderOf(secrets[1])).toMatchObject({ code: "unauthorized" });
    clock.nowMs += 30_000;
    shelf.isDown = true;
    for (const secret of secrets) expect(await keys.holderOf(secret)).toMatchObject({ ok: false, code: "unavailable" });
  });

  test("says the same of an unknown key and of a revoked one", async () => {
    const { ring: keys, shelf } = ring();
    const revoked = newKeySecret();
    shelf.revoke(shelf.put(revoked));
    expect(await keys.holderOf(revoked)).toEqual(await keys.holderOf(newKeySecret()));
  });

  test("keeps good keys however many bad ones knock", async () => {
    const { ring: keys, shelf } = ring();
    const good = newKeySecret();
    shelf.put(good);
    await keys.holderOf(good);
    for (let i = 0; i < 5_000; i += 1) await keys.holderOf(newKeySecret());
    shelf.looked = 0;
    await keys.holderOf(good);
    expect(shelf.looked).toBe(0);
  });

  test("takes the root key without a look-up, and nothing that merely begins like it", async () => {
    const root = "r".repeat(32);
    const { ring: keys, shelf } = ring(root);
    expect(await keys.holderOf(root)).toMatchObject({ value: { caller: { tenant: "default" }, operator: true } });
    for (const near of [root.slice(1), `${root}r`, root.toUpperCase(), ""]) {
      expect(await keys.holderOf(near)).toMatchObject({ ok: false });
    }
    expect(shelf.looked).toBe(0);
  });

  test("asks at most every 5 seconds whether there is a key at all, and never again once there is", async () => {
    const { ring: keys, shelf, clock } = ring();
    for (let i = 0; i < 10; i += 1) expect(await keys.noKey()).toContain("ERRAND_ROOT_KEY");
    expect(shelf.looked).toBe(1);
    shelf.put(newKeySecret());
    clock.nowMs += 5_000;
    for (let i = 0; i < 10; i += 1) expect(await keys.noKey()).not.toContain("ERRAND_ROOT_KEY");
    clock.nowMs += 3_600_000;
    await keys.noKey();
    expect(shelf.looked).toBe(2);
  });
});

test("secrets are 256 bits that never come twice", () => {
  const made = Array.from({ length: 1_000 }, newKeySecret);
  expect(new Set(made).size).toBe(1_000);
  expect(made.every(isKeyShaped)).toBe(true);
  expect(Buffer.from((made[0] ?? "").slice("errand_".length), "base64url")).toHaveLength(32);
});

describe("a rate limit", () => {
  const holder = (keyHash: string): KeyHolder => ({
    caller: { tenant: "acme", subject: "olga", scopes: [] },
    keyHash,
    rateLimitPerMin: 1,
    operator: false,
  });

  test("never forgets a window that is still open, until there are too many to hold; then the one that was quiet longest", () => {
    const clock = new HandClock();
    const limit = new RateLimit(clock.now);
    for (let i = 0; i < 5_000; i += 1) limit.count(holder(`k${i}`));
    expect(limit.count(holder("k0"))).toMatchObject({ remaining: -1 });
    limit.count(holder("one more"));
    expect(limit.count(holder("k0"))).toMatchObject({ remaining: -2 });
    expect(limit.count(holder("k1"))).toMatchObject({ remaining: 0 });
  });

  test("counts the requests of the keys that a key made towards it too, and tells what is left least of", () => {
    const limit = new RateLimit(new HandClock().now);
    const parent: KeyHolder = { ...holder("parent"), rateLimitPerMin: 3 };
    const child = (keyHash: string): KeyHolder => ({
      ...holder(keyHash),
      rateLimitPerMin: 2,
      drawsOn: [{ hash: "parent", perMin: 3 }],
    });
    expect(limit.count(child("a"))).toMatchObject({ limit: 2, remaining: 1 });
    expect(limit.count(child("b"))).toMatchObject({ remaining: 1 });
    expect(limit.count(child("c"))).toMatchObject({ limit: 3, remaining: 0 });
    for (const one of [child("a"), child("d"), parent])
      expect(limit.count(one)).toMatchObject({ limit: 3, remaining: expect.toSatisfy((left: number) => left < 0) });
    // Refused above, it was not counted below.
    expect(limit.count({ ...child("d"), drawsOn: [] })).toMatchObject({ remaining: 1 });
  });

  test("begins anew after a minute", () => {
    const clock = new HandClock();
    const limit = new RateLimit(clock.now);
    limit.count(holder("k"));
    clock.nowMs += 59_999;
    expect(limit.count(holder("k"))).toMatchObject({ remaining: -1, resetS: 1 });
    clock.nowMs += 1;
    expect(limit.count(holder("k"))).toMatchObject({ remaining: 0, resetS: 60 });
  });
});

describe("keys off copies of the registry", () => {
  /** A copy that has heard of what `sync` brought. */
  function replicated() {
    const { shelf, clock } = ring();
    const copy = new KeyShelf();
    const parts = { vault, rootKey: undefined, now: clock.now };
    const store = {
      find: (hash: string) => shelf.find(hash),
      findNear: (hash: string) => copy.find(hash),
      any: () => shelf.any(),
    };
    const near = new ApiKeyAuthenticator({ ...parts, store });
    const sync = () => {
      for (const [hash, record] of shelf.records) copy.records.set(hash, record);
    };
    return { near, shelf, copy, clock, sync };
  }

  test("that are new to an isolate are read nearby; the primary is asked after five seconds, and then each thirty", async () => {
    const { near, shelf, copy, clock, sync } = replicated();
    const secret = newKeySecret();
    shelf.put(secret);
    sync();
    const asked = async (afterMs: number) => {
      clock.nowMs += afterMs;
      expect((await near.holderOf(secret)).ok).toBe(true);
      return [copy.looked, shelf.looked];
    };
    expect(await asked(0)).toEqual([1, 0]);
    expect(await asked(4_999)).toEqual([1, 0]);
    expect(await asked(1)).toEqual([1, 1]);
    expect(await asked(29_999)).toEqual([1, 1]);
    expect(await asked(1)).toEqual([1, 2]);
  });

  test("that a copy does not have yet, and a copy that is away, are no reason to refuse", async () => {
    const { near, shelf, copy } = replicated();
    const [first, second] = [newKeySecret(), newKeySecret()];
    shelf.put(first);
    expect((await near.holderOf(first)).ok).toBe(true);
    copy.isDown = true;
    shelf.put(second);
    expect((await near.holderOf(second)).ok).toBe(true);
    expect((await near.holderOf(newKeySecret())).ok).toBe(false);
  });

  test("that were revoked are let in by a copy that lags for five seconds, and not where they were revoked or known", async () => {
    const { near, shelf, clock, sync } = replicated();
    const secret = newKeySecret();
    const record = shelf.put(secret);
    sync();
    shelf.revoke(record);
    expect((await near.holderOf(secret)).ok).toBe(true);
    clock.nowMs += 5_000;
    expect((await near.holderOf(secret)).ok).toBe(false);
    const here = replicated();
    const other = newKeySecret();
    const mine = here.shelf.put(other);
    here.sync();
    expect((await here.near.holderOf(other)).ok).toBe(true);
    here.shelf.revoke(mine);
    here.near.forget(mine.hash);
    expect((await here.near.holderOf(other)).ok).toBe(false);
  });
});
