/** An id whose check cannot be made: the answer is never "there is no such execution" as long as it may exist. */
import { describe, expect, it } from "vitest";
import { executionClient } from "../../../src/actors/platform/execution-client.ts";
import { ExecutionIds } from "../../../src/actors/platform/execution-ids.ts";
import { IdSecret } from "../../../src/actors/platform/id-secret.ts";
import { heldIn } from "../../../src/actors/platform/projector-client.ts";
import type { Result } from "../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { keyedCheck } from "../../../src/vault/digest.ts";

const OBJECT = "ab".repeat(32);
const caller = { tenant: "acme", subject: "ann", scopes: [] } as never;
const CLOSED = refuse("encryption_key_missing", 'the secret of the check in this id is encrypted with the key "a"');

const namespace = {
  newUniqueId: () => OBJECT,
  idFromString: (hex: string) => hex,
  idFromName: () => OBJECT,
  get: () => ({ view: async () => accept("the view") }),
} as unknown as DurableObjectNamespace;

function idsWith(secret: string | undefined): ExecutionIds {
  return new ExecutionIds({ namespace, secret: () => secret, digest: keyedCheck });
}

async function secretThat(read: () => Promise<Result<string>>): Promise<IdSecret> {
  const secret = new IdSecret({ configured: undefined, read, now: () => 0 });
  await secret.load();
  return secret;
}

async function viewed(read: () => Promise<Result<string>>, indexKnows: boolean, id: string) {
  const secret = await secretThat(read);
  const client = executionClient({
    namespace,
    ids: idsWith(secret.value),
    known: { has: async () => indexKnows, claim: async () => {} },
    trouble: () => secret.trouble,
    admit: () => undefined,
  });
  const { status } = await client
    .stream(caller, id, { after: 0, deltas: false, batches: false })
    .catch(() => ({ status: 0 }));
  const view = (await client.view(caller, id)) as Result<unknown>;
  return [view.ok ? "served" : view.code, status];
}

describe("an id with a check", () => {
  const id = idsWith("the secret").fresh("acme");
  const away = async () => Promise.reject(new Error("D1_ERROR: away"));

  it("is checked once, however often it is asked about, and by its maker not at all", () => {
    let checks = 0;
    const digest = (secret: string, text: string) => {
      checks += 1;
      return keyedCheck(secret, text);
    };
    const ids = () => new ExecutionIds({ namespace, secret: () => "the secret", digest });
    const maker = ids();
    const own = maker.fresh("acme");
    for (let times = 0; times < 3; times += 1) expect(maker.judge("acme", own)).toBe("made");
    expect(checks).toBe(1);
    const other = ids();
    for (let times = 0; times < 3; times += 1) expect(other.judge("acme", own)).toBe("made");
    expect(checks).toBe(2);
    // What is remembered is the tenant's, and nothing else is.
    for (const judged of [maker, other]) expect(judged.judge("evil", own)).toBe("made_up");
    expect([maker.judge("acme", `${own.slice(0, -1)}~`), checks]).toEqual(["made_up", 4]);
  });

  it("is judged by its check when the secret is known", async () => {
    expect((await viewed(async () => accept("the secret"), false, id))[0]).toBe("served");
    expect(await viewed(async () => accept("another"), true, id)).toEqual(["not_found", 404]);
  });

  it("whose secret cannot be read is served where the index knows it, and says why where the index does not", async () => {
    expect((await viewed(async () => CLOSED, true, id))[0]).toBe("served");
    expect(await viewed(async () => CLOSED, false, id)).toEqual(["encryption_key_missing", 503]);
    expect(await viewed(away, false, id)).toEqual(["unavailable", 503]);
  });

  it("that has no check is what the index says", async () => {
    const early = idsWith(undefined).fresh("acme");
    expect(await viewed(async () => CLOSED, false, early)).toEqual(["not_found", 404]);
    expect((await viewed(async () => CLOSED, true, early))[0]).toBe("served");
  });
});

it("a projector that cannot be reached may hold the row", async () => {
  const unreachable = {
    idFromName: () => "shard",
    get: () => ({ holds: async () => Promise.reject(new Error("Network connection lost")) }),
  } as unknown as DurableObjectNamespace;
  expect(await heldIn(unreachable)("acme", "order-7")).toBe(true);
});
