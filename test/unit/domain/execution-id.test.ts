import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExecutionIds } from "../../../src/actors/platform/execution-ids.ts";
import {
  approvalIdOf,
  checkedHex,
  executionOfApproval,
  formatExecutionId,
  isChosenId,
  parseExecutionId,
} from "../../../src/domain/execution/execution-id.ts";
import { keyedCheck } from "../../../src/vault/digest.ts";

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array).toString("hex"));
const parts = fc.record({ objectHex: bytes(32), shard: fc.integer({ min: 0, max: 255 }) });

/** Ids of a namespace whose objects are counted. */
function idsOf(secret: string | undefined) {
  let made = 0;
  const id = () => ({ toString: () => (++made).toString(16).padStart(64, "0") });
  const namespace = { newUniqueId: id, idFromName: id } as unknown as DurableObjectNamespace;
  return new ExecutionIds({ namespace, secret: () => secret, digest: keyedCheck });
}

describe("an execution's id", () => {
  it("says the object, the shard and the check that it was made of", () => {
    fc.assert(
      fc.property(parts, bytes(8), (made, check) => {
        const id = formatExecutionId({ ...made, check });
        expect(id).toMatch(/^exec_[A-Za-z0-9_-]{56}$/);
        expect(parseExecutionId(id)).toEqual({ ...made, check });
        expect(parseExecutionId(formatExecutionId(made))).toEqual(made);
        expect([isChosenId(id), executionOfApproval(approvalIdOf(id, "a1"))]).toEqual([false, id]);
      }),
    );
  });

  it("of the older form is read, and no text of that length with bits left over is one", () => {
    const old = `exec_${"A".repeat(43)}`;
    expect(parseExecutionId(old)).toEqual({ objectHex: "0".repeat(64), shard: 0 });
    expect(parseExecutionId(`exec_${"A".repeat(42)}B`)).toBeUndefined();
    expect(executionOfApproval(approvalIdOf(old, "a1"))).toBe(old);
    for (const other of ["exec_", "exec_carol_1", `exec_${"A".repeat(44)}`, `exec_${"!".repeat(43)}`, old.slice(5)])
      expect(parseExecutionId(other)).toBeUndefined();
  });

  it("of an unknown version is no id", () => {
    const id = formatExecutionId({ objectHex: "0".repeat(64), shard: 0, check: "00".repeat(8) });
    expect(parseExecutionId(`exec_B${id.slice(6)}`)).toBeUndefined();
  });
});

describe("an id that was made up", () => {
  it("is told before its object is reached for: any other character, tenant or secret", () => {
    const ids = idsOf("a secret of this deployment");
    const id = ids.fresh("acme");
    expect(ids.judge("acme", id)).toBe("made");
    expect(ids.judge("other", id)).toBe("made_up");
    expect(idsOf("another secret").judge("acme", id)).toBe("made_up");
    for (let at = 5; at < id.length; at += 1) {
      const changed = `${id.slice(0, at)}${id[at] === "A" ? "B" : "A"}${id.slice(at + 1)}`;
      expect(ids.judge("acme", changed), `character ${at}`).not.toBe("made");
    }
  });

  it("cannot be told while the secret is not known, nor for ids that were made then", () => {
    const before = idsOf(undefined);
    const early = before.named("acme", ["key", "acme", "ann", "k"]);
    expect(before.judge("acme", early)).toBe("unsure");
    expect(idsOf("a secret").judge("acme", early)).toBe("unsure");
    expect(before.judge("acme", idsOf("a secret").fresh("acme"))).toBe("unchecked");
    expect([before.judge("acme", "carol_1"), before.judge("acme", "not an id")]).toEqual(["unsure", "made_up"]);
  });

  it("has the check over version, shard, object and tenant", () => {
    const made = { objectHex: "ab".repeat(32), shard: 3 };
    expect(checkedHex(made)).toBe(`0103${"ab".repeat(32)}`);
  });
});
