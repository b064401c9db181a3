import { describe, expect, it } from "vitest";
import { encryptionReport, sealerOf, vaultOf } from "../../../src/vault/configured.ts";
import { parseEncryptionKeys } from "../../../src/vault/encryption-keys.ts";
import { Unopened, Vault } from "../../../src/vault/vault.ts";

const A = Buffer.alloc(32, 1).toString("base64");
const B = Buffer.alloc(32, 2).toString("base64");

function vault(secret: string): Vault {
  const parsed = parseEncryptionKeys(secret);
  if (!parsed.ok) throw new Error(parsed.problem);
  return new Vault(parsed.keys);
}

function bytes(sealed: Uint8Array | string): Uint8Array {
  if (typeof sealed === "string") throw new Error("this was not sealed");
  return sealed;
}

/** Why it does not open. */
function refused(open: () => unknown): [string, string] | undefined {
  try {
    open();
    return undefined;
  } catch (error) {
    if (!(error instanceof Unopened)) throw error;
    return [error.kind, error.keyId];
  }
}

describe("what is sealed", () => {
  it("opens again for its owner and place, whatever it says", () => {
    const sealer = vault(`a:${A}`).sealerOf("exec_1");
    for (const text of ["", "plain", "ünïcödé 🦓 \u0000 \ufeff", "\ufefffirst", "\u0001marked", "x".repeat(600_000)]) {
      expect(sealer.open(sealer.seal(text, "log 1"), "log 1")).toBe(text);
      if (text.length < 1_000) expect(sealer.openText(sealer.sealText(text, "t"), "t")).toBe(text);
    }
    // As SQLite gives a blob back.
    const sealed = bytes(sealer.seal("words", "log 1"));
    expect(sealer.open(sealed.slice().buffer, "log 1")).toBe("words");
    const raw = Uint8Array.from([0, 255, 1, 128]);
    expect([...sealer.openBytes(sealer.sealBytes(raw, "f") ?? raw, "f")]).toEqual([...raw]);
  });

  it("is little more than its content, holds none of it, and is never the same twice", () => {
    const sealer = vault(`key-1:${A}`).sealerOf("exec_1");
    const seals = Array.from({ length: 200 }, () => Buffer.from(bytes(sealer.seal("a secret", "p"))));
    expect(seals[0]?.length).toBe("a secret".length + 2 + "key-1".length + 12 + 16);
    expect(new Set(seals.map((sealed) => sealed.subarray(7, 19).toString("hex"))).size).toBe(200);
    expect(seals.some((sealed) => sealed.includes("secret"))).toBe(false);
  });

  it("does not open for another owner, in another place, or changed in any byte", () => {
    const own = vault(`a:${A}`);
    const sealer = own.sealerOf("exec_1");
    const sealed = bytes(sealer.seal("words", "log 1"));
    expect(refused(() => own.sealerOf("exec_2").open(sealed, "log 1"))).toEqual(["damaged", "a"]);
    expect(refused(() => sealer.open(sealed, "log 2"))).toEqual(["damaged", "a"]);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect([at, refused(() => sealer.open(changed, "log 1"))]).not.toEqual([at, undefined]);
    }
    for (const cut of [0, 1, 2, 20, sealed.length - 1])
      expect([cut, refused(() => sealer.open(sealed.slice(0, cut), "log 1"))?.[0]]).toEqual([cut, "damaged"]);
  });

  it("opens with an older key behind the one that seals now, and names the key it lacks", () => {
    const sealed = bytes(vault(`a:${A}`).sealerOf("exec_1").seal("old", "p"));
    const rotated = vault(`b:${B},a:${A}`).sealerOf("exec_1");
    expect(rotated.open(sealed, "p")).toBe("old");
    const young = bytes(rotated.seal("new", "p"));
    const alone = vault(`b:${B}`).sealerOf("exec_1");
    expect(alone.open(young, "p")).toBe("new");
    expect(refused(() => alone.open(sealed, "p"))).toEqual(["missing_key", "a"]);
    expect(refused(() => alone.require(["b", "a"]))).toEqual(["missing_key", "a"]);
    expect(refused(() => vault(`a:${B}`).sealerOf("exec_1").open(sealed, "p"))).toEqual(["damaged", "a"]);
  });

  it("stays readable when encryption is switched off, and what was plain is readable when it is on", () => {
    const sealed = bytes(vault(`a:${A}`).sealerOf("o").seal("sealed", "p"));
    const off = vault(`off,a:${A}`).sealerOf("o");
    expect(off.open(sealed, "p")).toBe("sealed");
    expect([off.seal("plain", "p"), off.sealText("plain", "p"), off.keyId]).toEqual(["plain", "plain", undefined]);
    expect(off.sealBytes(Uint8Array.of(1), "p")).toBeUndefined();
    expect(vault(`a:${A}`).sealerOf("o").open("plain", "p")).toBe("plain");
  });
});

describe("the secret", () => {
  it("takes base64 and base64url, with spaces around its entries", () => {
    const url = Buffer.alloc(32, 0xfb).toString("base64url");
    expect(vault(` x.1:${url} , y_2:${A}`)).toMatchObject({ keyId: "x.1", size: 2 });
    const padded = Buffer.alloc(32, 0xfb).toString("base64");
    const sealed = vault(`x:${padded}`).sealerOf("o").seal("same", "p");
    expect(vault(`x:${url}`).sealerOf("o").open(sealed, "p")).toBe("same");
  });

  it.each([
    ["word", "entry 1 is not of the form id:base64key"],
    [A, "entry 1 is not of the form"],
    [`${A}:a`, "entry 1 has no valid id"],
    [`:${A}`, "entry 1 has no valid id"],
    [`a:${A},b`, "entry 2 is not of the form"],
    [`a:${A},off`, "entry 2 is not of the form"],
    [`a:${A},`, "entry 2 is not of the form"],
    [`a:${A},a:${B}`, 'entry 2 repeats the id "a"'],
    ["a:", 'entry 1 ("a") holds no key'],
    [`a:${A}${A}`, 'entry 1 ("a") holds no key'],
    [`a:${A.slice(8)}`, 'entry 1 ("a") holds no key'],
    ["off,a:short", 'entry 2 ("a") holds no key'],
  ])("says what is wrong, and never a key: %#", (secret, said) => {
    const parsed = parseEncryptionKeys(secret);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(said) });
    if (!parsed.ok) expect(parsed.problem).not.toContain(A.slice(8, 20));
  });

  it("may be missing on a laptop only; a deployment names keys or says off", () => {
    expect(encryptionReport({ AUTH_MODE: "open" })).toEqual({ ok: true, value: expect.stringMatching(/^off/) });
    expect(encryptionReport({ ERRAND_ENCRYPTION_KEYS: "off" })).toEqual({
      ok: true,
      value: expect.stringMatching(/^off/),
    });
    const deployment = {};
    expect(vaultOf(deployment)).toMatchObject({ ok: false, code: "encryption_not_ready" });
    expect(() => sealerOf(deployment, "o")).toThrow("no ERRAND_ENCRYPTION_KEYS");
    const keyed = { ERRAND_ENCRYPTION_KEYS: `k2:${B},k1:${A}` };
    expect(encryptionReport(keyed)).toEqual({ ok: true, value: "on: key k2 seals, 2 keys open" });
  });
});
