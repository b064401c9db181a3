/** One execution over the rows of a real database in a file, without workerd: for what memory and time it takes. */
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as z from "zod";
import { SqliteStore } from "../../src/actors/executions/journal.ts";
import { defineAgent } from "../../src/define/agent.ts";
import type { Context } from "../../src/define/context.ts";
import type { CreateCommand } from "../../src/domain/execution/command.ts";
import type { Origin } from "../../src/domain/execution/origin.ts";
import { DEFAULT_LIMITS } from "../../src/domain/values/limits.ts";
import { DurableExecution } from "../../src/engine/execution/durable-execution.ts";
import type { EventRow, World } from "../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../src/engine/ports.ts";
import { parseEncryptionKeys } from "../../src/vault/encryption-keys.ts";
import { Vault } from "../../src/vault/vault.ts";
import { ORIGIN } from "./log.ts";
import { ObjectStorage } from "./object-storage.ts";

setFlagsFromString("--expose_gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are in use when everything was collected that can be. */
export function usedBytes(): number {
  // Buffers are given back by the collection after the one that found them.
  for (let times = 0; times < 3; times += 1) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const KEYS = parseEncryptionKeys(`k:${randomBytes(32).toString("base64")}`);
if (!KEYS.ok) throw new Error(KEYS.problem);
const VAULT = new Vault(KEYS.keys);

export type Main = (ctx: Context) => Promise<unknown>;

interface Given {
  readonly mostBytes?: number;
  readonly origin?: Partial<Origin>;
  readonly world?: Partial<World>;
}

export class OneExecution {
  readonly #disk = new ObjectStorage(join(mkdtempSync(join(tmpdir(), "errand-one-")), "rows.sqlite"));
  readonly #main: Main;
  readonly #given: Given;
  /** Characters of the rows of the log that were read, apart from those that an object reads when it is opened. */
  charactersRead = 0;
  /** That a commit has set last. */
  alarmAtMs: number | undefined;

  constructor(main: Main, given: Given = {}) {
    this.#main = main;
    this.#given = given;
  }

  /** Of its database. */
  get bytes(): number {
    return this.#disk.storage.sql.databaseSize;
  }

  /** The object as a new process finds it. */
  open(): DurableExecution {
    const store = this.#store();
    return new DurableExecution(
      store,
      { ...worldOf(this.#main), ...this.#given.world },
      {
        ...DEFAULT_TIMING,
        retentionMs: Number.POSITIVE_INFINITY,
      },
    );
  }

  start(more: Partial<CreateCommand> = {}): DurableExecution {
    const execution = this.open();
    execution.start({ type: "create", origin: { ...ORIGIN, ...this.#given.origin }, input: null, ...more });
    return execution;
  }

  /** Reads its log once, as every wake has to: opens each row and parses it. */
  readLog(): number {
    return [...this.#store().rows(0)].length;
  }

  #store(): SqliteStore {
    const { mostBytes = DEFAULT_LIMITS.storageBytes } = this.#given;
    const store = new SqliteStore(this.#disk.storage as DurableObjectStorage, VAULT.sealerOf("object"), mostBytes);
    store.load();
    const rows = store.rows.bind(store);
    store.rows = (after) => this.#counted(rows(after));
    const commit = store.commit.bind(store);
    store.commit = (written) => {
      commit(written);
      this.alarmAtMs = written.alarmAtMs ?? this.alarmAtMs;
    };
    return store;
  }

  *#counted(rows: Iterable<EventRow>): Generator<EventRow> {
    for (const row of rows) {
      this.charactersRead += row.size;
      yield row;
    }
  }
}

/** Resolves when its program waits for something outside, or has ended. */
export async function atRest(execution: DurableExecution): Promise<void> {
  for (;;) {
    const { state } = execution;
    const { status, suspended } = execution.journal.committed ?? {};
    if (state?.status === status && (suspended !== undefined || status === "succeeded" || status === "failed")) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function worldOf(main: Main): World {
  const io = { input: z.unknown(), output: z.unknown() };
  const agent = defineAgent({ id: ORIGIN.agent, description: "", version: "1" });
  const definition = agent.reasoner(ORIGIN.fn, io, (_input, ctx) => main(ctx)).functions.get(ORIGIN.fn);
  return {
    now: () => Date.now(),
    random: () => 0.5,
    digest: (text: string) => text.slice(0, 22),
    drainMicrotasks: () => new Promise((resolve) => setImmediate(resolve)),
    later: (delayMs: number, fn: () => void) => {
      const timer = setTimeout(fn, delayMs);
      return () => clearTimeout(timer);
    },
    find: () => definition && { definition, version: "1" },
    deliver: async () => undefined,
    services: {},
    giveUp: (error: unknown) => {
      throw error;
    },
    log: (level: string, message: string, fields: unknown) => {
      if (level === "error") process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
    },
  } as unknown as World;
}
