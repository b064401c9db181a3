/** The archive of a log: all of it comes back, in little memory, and what was changed in it is found. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SqliteStore } from "../../../src/actors/executions/journal.ts";
import { fileStore } from "../../../src/actors/platform/file-store.ts";
import { logArchive } from "../../../src/actors/platform/log-archive.ts";
import { TextCut } from "../../../src/actors/platform/text-pieces.ts";
import type { Event, NewEvent } from "../../../src/domain/execution/event.ts";
import { allAppendable } from "../../../src/domain/execution/event-text.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";
import { evolve } from "../../../src/domain/fold/evolve.ts";
import { archiveKey } from "../../../src/domain/read-models/tombstone.ts";
import { refuse } from "../../../src/domain/values/fault.ts";
import { Archives } from "../../../src/operations/executions/archives.ts";
import { shortDigest } from "../../../src/vault/digest.ts";
import { parseEncryptionKeys } from "../../../src/vault/encryption-keys.ts";
import { Unopened, Vault } from "../../../src/vault/vault.ts";
import { ORIGIN } from "../../support/log.ts";
import { MemoryBucket } from "../../support/memory-bucket.ts";
import { ObjectStorage } from "../../support/object-storage.ts";

const key = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [key("old"), key("new")];
const KEY = archiveKey(ORIGIN);
const CALLER = { tenant: ORIGIN.tenant, subject: "root", scopes: [] };

function vaultOf(secret: string | undefined): Vault {
  if (secret === undefined) return new Vault({ sealing: undefined, opening: new Map() });
  const parsed = parseEncryptionKeys(secret);
  if (!parsed.ok) throw new Error(parsed.problem);
  return new Vault(parsed.keys);
}

const ENDED: NewEvent[] = [
  { type: "execution.queued", data: {} },
  { type: "execution.started", data: {} },
  { type: "execution.succeeded", data: { output: null } },
];

/** A log of notes that has ended, in SQLite; each batch of `notes` is a commit, `secrets` in turn seal them. */
class House {
  readonly disk = new ObjectStorage();
  readonly r2 = new MemoryBucket();
  readonly #secrets: readonly (string | undefined)[];
  #state: ExecutionState | undefined;
  #seq = 0;

  constructor(...secrets: readonly (string | undefined)[]) {
    this.#secrets = secrets;
  }

  get vault(): Vault {
    return vaultOf(this.#secrets.at(-1));
  }
  get files() {
    return fileStore(this.r2.bucket, (owner) => this.vault.sealerOf(owner));
  }
  open(secret = this.#secrets.at(-1)): SqliteStore {
    const store = new SqliteStore(this.disk.storage as DurableObjectStorage, vaultOf(secret).sealerOf("object"));
    store.load();
    return store;
  }

  append(store: SqliteStore, events: readonly NewEvent[]): void {
    const appended = allAppendable(events, { seq: this.#seq + 1, atMs: 1, actor: "ann", v: 1 });
    if (!appended.ok) throw new Error(appended.detail);
    for (const { event } of appended.value) this.#state = evolve(this.#state, event);
    this.#seq += events.length;
    if (!this.#state) throw new Error("it has a state");
    const nothing = { setTimers: new Map(), clearTimers: [], putMessages: new Map(), removeMessages: [] };
    store.commit({ events: appended.value, state: this.#state, ...nothing, forgetLog: false });
  }

  filled(notes: readonly (readonly string[])[]): this {
    this.append(this.open(this.#secrets[0]), [{ type: "execution.created", data: { origin: ORIGIN, input: "in" } }]);
    for (const [at, messages] of notes.entries()) {
      const store = this.open(this.#secrets[Math.floor((at / notes.length) * this.#secrets.length)]);
      this.append(
        store,
        messages.map((message): NewEvent => ({ type: "note.added", data: { message, tags: [] } })),
      );
    }
    this.append(this.open(), ENDED);
    return this;
  }

  async archived(store = this.open()): Promise<this> {
    if (!this.#state) throw new Error("it has a state");
    this.place = await logArchive(this.files)({ state: this.#state, chain: store.chain });
    return this;
  }
  place: { key: string; head?: string | undefined } = { key: KEY };

  async read(
    head = this.place.head,
  ): Promise<{ readonly events: Event[] } | { readonly code: string; detail: string }> {
    const archives = new Archives({
      client: { archive: async () => ({ ok: true, value: { key: KEY, head } }) },
      store: this.files,
      digest: shortDigest,
      chainOf:
        () =>
        (...asked) =>
          this.vault.sealerOf("object").nextHeadOf(...asked),
      refusalOf: (error) =>
        error instanceof Unopened || error instanceof TextCut ? refuse("archive_damaged", error.message) : undefined,
    });
    const found = await archives.read(CALLER, ORIGIN.id);
    if (!found.ok) return found;
    const events: Event[] = [];
    for await (const event of found.value()) events.push(event);
    return { events };
  }
  async seqs(): Promise<number[]> {
    const found = await this.read();
    if (!("events" in found)) throw new Error(found.detail);
    return found.events.map(({ seq }) => seq);
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);
const small = Array.from({ length: 40 }, (_, at) => [`note ${at}`, `again ${at} ü 😀`]);

describe("the archive of a log", () => {
  it.each([
    ["in plain text", [undefined]],
    ["sealed", [OLD]],
    ["sealed, with the key changed in the middle", [OLD, `${NEW},${OLD}`]],
  ])("comes back whole: %s", async (_how, secrets) => {
    const house = await new House(...secrets).filled(small).archived();
    expect(await house.seqs()).toEqual(upTo(84));
    const { events } = (await house.read()) as { events: Event[] };
    expect(events[2]?.data).toEqual({ message: "again 0 ü 😀", tags: [] });
    expect(house.r2.objects.get(KEY)?.customMetadata).toMatchObject({ target: "a.f", head: house.place.head });
    const isPlain = new TextDecoder().decode(house.r2.objects.get(KEY)?.bytes).includes("note 7");
    expect(isPlain).toBe(secrets[0] === undefined);
  });

  it("of 30 MB is uploaded in parts of one size, and read in pieces", async () => {
    const house = await new House(OLD)
      .filled(Array.from({ length: 30 }, (_, at) => [`${at}`.padEnd(1_000_000, "x")]))
      .archived();
    expect(house.r2.sent.length).toBeGreaterThanOrEqual(6);
    expect(new Set(house.r2.sent.slice(0, -1)).size).toBe(1);
    expect(Math.max(...house.r2.sent)).toBeLessThan(6_000_000);
    expect(await house.seqs()).toEqual(upTo(34));
  });

  it("is not written while the log grows, and leaves nothing half done", async () => {
    const house = new House(OLD).filled(Array.from({ length: 12 }, (_, at) => [`${at}`.padEnd(1_000_000, "x")]));
    const store = house.open();
    const { chain } = store;
    let read = 0;
    const growing = {
      ...chain,
      rows: (after: number) => {
        read += 1;
        if (read === 5) house.append(store, [{ type: "note.added", data: { message: "late", tags: [] } }]);
        return chain.rows(after);
      },
    };
    const state = house.open().load().state as ExecutionState;
    await expect(logArchive(house.files)({ state, chain: growing })).rejects.toThrow(
      "the log grew while it was archived",
    );
    expect([house.r2.objects.size, house.r2.aborted]).toEqual([0, 1]);
  });

  it("is compared with the head that the index, or its own object, says", async () => {
    const house = await new House(OLD).filled(small).archived();
    expect(await house.read(undefined)).toHaveProperty("events");
    expect(await house.read("old.of-another-log")).toMatchObject({ code: "archive_damaged" });
  });

  it("is gone when its object is", async () => {
    expect(await new House(OLD).read()).toMatchObject({ code: "gone" });
  });
});

type Bytes = Uint8Array;
const lines = (change: (lines: string[]) => readonly string[]) => (bytes: Bytes) =>
  new TextEncoder().encode(
    change(new TextDecoder().decode(bytes).trimEnd().split("\n"))
      .map((line) => `${line}\n`)
      .join(""),
  );
const marks = (all: readonly string[]) => all.flatMap((line, at) => (line.startsWith('"') ? [at] : []));

describe("an archive in plain text is refused", () => {
  it.each<[string, (bytes: Bytes) => Bytes]>([
    ["that says something else", lines((all) => all.map((line) => line.replace("note 3", "note 4")))],
    ["without one of its events", lines((all) => all.filter((line) => !line.includes("note 5")))],
    [
      "without one of its rows",
      lines((all) => all.filter((_, at) => at < (marks(all)[1] ?? 0) || at >= (marks(all)[2] ?? 0))),
    ],
    ["with two rows in other places", lines(([begin = "", ...all]) => [begin, ...all.slice(40), ...all.slice(0, 40)])],
    ["that was cut off", lines((all) => all.slice(0, -1))],
    ["that ends early under its own end", lines((all) => [...all.slice(0, marks(all).at(-1)), all.at(-1) ?? ""])],
    ["with something behind its end", lines((all) => [...all, all[2] ?? ""])],
    [
      "of another execution",
      lines((all) => all.map((line) => line.replace('"execution":"exec_1"', '"execution":"exec_2"'))),
    ],
    ["that is no archive", () => new TextEncoder().encode("hello\n")],
    ["that is empty", () => new Uint8Array()],
  ])("%s", async (_what, change) => {
    const house = await new House(undefined).filled(small).archived();
    const object = house.r2.objects.get(KEY);
    if (!object) throw new Error("it was archived");
    object.bytes = change(object.bytes);
    const found = await house.read();
    expect([found, "code" in found && found.code]).toEqual([expect.anything(), "archive_damaged"]);
  });
});

describe("a sealed archive is refused", () => {
  const large = Array.from({ length: 3 }, (_, at) => [`${at}`.padEnd(900_000, "x")]);
  const frame = (bytes: Bytes, from: number) => 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(from);
  it.each<[string, (bytes: Bytes) => Bytes]>([
    ["with one bit changed", (bytes) => bytes.map((byte, at) => (at === 500_000 ? byte ^ 1 : byte))],
    ["that ends after its first frame", (bytes) => bytes.slice(0, frame(bytes, 0))],
    ["that ends in the middle of a frame", (bytes) => bytes.slice(0, -7)],
    ["without its first frame", (bytes) => bytes.slice(frame(bytes, 0))],
    ["with bytes behind its end", (bytes) => new Uint8Array([...bytes.slice(), 0, 0, 0, 1, 7])],
  ])("%s", async (_what, change) => {
    const house = await new House(OLD).filled(large).archived();
    const object = house.r2.objects.get(KEY);
    if (!object) throw new Error("it was archived");
    object.bytes = change(object.bytes);
    expect(await house.read()).toMatchObject({ code: "archive_damaged" });
  });
});
