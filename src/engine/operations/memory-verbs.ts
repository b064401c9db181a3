/**
 * `ctx.memory`: each verb is an activity of the journal. A read is a step: its answer stays the same on every replay. A write is
 * an effect that is safe to repeat, because the memory knows it by the execution and its key in the journal: a try that
 * was interrupted is made again, and what it had done already is not done twice.
 */
import * as z from "zod";
import type { AgentMemory, MemoryScopeOptions } from "../../define/agent-memory.ts";
import type { AttemptContext } from "../../define/context.ts";
import { StepError, stepError } from "../../define/errors.ts";
import type { Writer } from "../../domain/memory/change.ts";
import type { WriteOnce } from "../../domain/memory/entry.ts";
import type { Metadata } from "../../domain/memory/filters.ts";
import { faultOfKey } from "../../domain/memory/key.ts";
import { MEMORY_LIMITS } from "../../domain/memory/limits.ts";
import type { MemoryVerbs } from "../../domain/memory/memory-verbs.ts";
import type { MemoryPlace } from "../../domain/memory/scope.ts";
import { MemoryScope, placeIn, placesOf } from "../../domain/memory/scope.ts";
import { parseVector } from "../../domain/memory/vector.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { fitsBytes } from "../../domain/values/json-text.ts";
import type { Activity } from "../activities/activity.ts";
import { tryOptions } from "../program/options.ts";
import { storable } from "../program/storable.ts";
import { fingerprint } from "./determinism.ts";
import type { Loop } from "./operation.ts";

/** Asks for an activity by its name in the branch. */
export type Perform = (activity: Omit<Activity, "key" | "scratchpad">) => Promise<unknown>;

const Options = z
  .strictObject({
    scope: MemoryScope.optional(),
    ttlMs: z
      .number()
      .positive()
      .max(MEMORY_LIMITS.ttlSeconds * 1_000)
      .optional(),
    limit: z.number().int().min(1).max(1_000).optional(),
    cursor: z.string().optional(),
    topK: z.number().int().min(1).max(MEMORY_LIMITS.topK).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    filters: z.record(z.string(), z.unknown()).optional(),
  })
  .default({});
type Options = z.infer<typeof Options>;

/** A memory that does not answer is asked again; what it refuses for good is not. */
export const MEMORY_TRIES = {
  maxAttempts: 5,
  backoff: 500,
  retryable: (error: Error) => !(error instanceof StepError),
};

export function memoryVerbs(loop: Loop, perform: Perform): AgentMemory {
  const asks = new Asks(loop, perform);
  return {
    get: async <T>(key: string, options?: MemoryScopeOptions) => {
      checkKey(key);
      const found = await asks.read("get", { key }, options, async (memory, places) => {
        for (const place of places) {
          const entry = takenFrom(await memory.get(place, key));
          if (entry) return JSON.parse(entry.data) as Json;
        }
        return null;
      });
      return found === null ? undefined : (found as T);
    },
    set: async (key, data, options) => {
      checkKey(key);
      const value = storable(data, `the value of ctx.memory "${key.slice(0, 100)}"`);
      const text = JSON.stringify(value);
      if (value === null)
        throw stepError("invalid_options", "ctx.memory.set: the value is null; delete the key instead");
      if (!fitsBytes(text, MEMORY_LIMITS.valueBytes))
        throw stepError("value_too_large", `ctx.memory.set: a value has at most ${MEMORY_LIMITS.valueBytes} bytes`);
      await asks.write(
        "set",
        { key, data: value },
        options,
        async (memory, { place, ttlMs, by, once }) =>
          void takenFrom(await memory.set(place, { key, data: text, ttlMs, by, once })),
      );
    },
    delete: async (key, options) => {
      checkKey(key);
      await asks.write(
        "delete",
        { key },
        options,
        async (memory, { place, by, once }) => void takenFrom(await memory.remove(place, { key, by, once })),
      );
    },
    list: async (options) =>
      (await asks.read("list", {}, options, async (memory, [place], { limit = 100, cursor }) => {
        if (!place) return { items: [], cursor: null };
        const { entries, nextCursor } = takenFrom(await memory.list(place, { limit, after: cursor }));
        return { items: entries.map(({ key, data }) => ({ key, data: JSON.parse(data) as Json })), cursor: nextCursor };
      })) as never,
    setVector: async (key, numbers, options) => {
      checkKey(key);
      const embedding = vectorOf(numbers, "setVector");
      await asks.write("setVector", { key, embedding: [...embedding] }, options, async (memory, asked) => {
        const metadata = (asked.metadata ?? {}) as Metadata;
        takenFrom(await memory.setVector(asked.place, { key, embedding, metadata, once: asked.once }));
      });
    },
    deleteVector: async (key, options) => {
      checkKey(key);
      await asks.write(
        "deleteVector",
        { key },
        options,
        async (memory, { place }) => void takenFrom(await memory.removeVectors(place, { key })),
      );
    },
    search: async (numbers, options) => {
      const embedding = vectorOf(numbers, "search");
      return (await asks.read("search", { embedding: [...embedding] }, options, async (memory, [place], asked) => {
        const { topK = 10, filters = {} } = asked;
        return place
          ? [...takenFrom(await memory.search(place, { embedding, topK, filters: filters as Metadata }))]
          : [];
      })) as never;
    },
  };
}

type Asked = { readonly [name: string]: Json };
interface Writing extends Options {
  readonly place: MemoryPlace;
  readonly by: Writer;
  readonly once: WriteOnce;
}

class Asks {
  readonly #loop: Loop;
  readonly #perform: Perform;

  constructor(loop: Loop, perform: Perform) {
    this.#loop = loop;
    this.#perform = perform;
  }

  // biome-ignore lint/complexity/useMaxParams: what is asked, of which key, where, and how.
  read<T>(
    verb: string,
    asked: Asked,
    given: unknown,
    use: (memory: MemoryVerbs, places: readonly MemoryPlace[], options: Options) => Promise<T>,
  ): Promise<unknown> {
    const options = optionsOf(given, verb);
    const places = verb === "get" && options.scope === undefined ? this.#places() : [this.#one(options.scope, verb)];
    const { name, digest } = this.#named(verb, asked, options);
    const perform = () => use(this.#memory(), places, options);
    return this.#perform({ kind: "step", name, digest, options: tryOptions(MEMORY_TRIES, name), perform });
  }

  // biome-ignore lint/complexity/useMaxParams: what is asked, of which key, where, and how.
  async write(
    verb: string,
    asked: Asked,
    given: unknown,
    use: (memory: MemoryVerbs, writing: Writing) => Promise<void>,
  ): Promise<void> {
    const options = optionsOf(given, verb);
    const place = this.#one(options.scope, verb);
    const { name, digest, input } = this.#named(verb, asked, options);
    const by = this.#writer();
    await this.#perform({
      ...{ kind: "effect", name, input, digest },
      options: tryOptions({ ...MEMORY_TRIES, idempotent: true }, name),
      perform: async ({ idempotencyKey }: AttemptContext) => {
        await use(this.#memory(), { ...options, place, by, once: { id: `run ${idempotencyKey}`, digest } });
        return null;
      },
    });
  }

  /** Told apart in the journal by what is asked of which key. */
  #named(verb: string, asked: Asked, options: Options) {
    const key = asked.key === undefined ? "" : ` ${String(asked.key)}`;
    const shown = key.length <= 200 ? key : `${key.slice(0, 100)}… ${this.#loop.world.digest(key)}`;
    const input = storable({ ...asked, ...options }, `what ctx.memory.${verb} was given`);
    return { name: `memory.${verb}${shown}`, input, digest: fingerprint(this.#loop.world, input) };
  }

  get #origin() {
    const origin = this.#loop.journal.state?.origin;
    if (!origin) throw new Error("a program runs only in an execution that exists");
    return origin;
  }

  #ids() {
    const { runId, sessionId, actorId } = this.#origin;
    return { workflow: runId, session: sessionId, actor: actorId };
  }

  #places(): readonly MemoryPlace[] {
    return placesOf(this.#origin, this.#ids());
  }

  #one(scope: MemoryScope = "workflow", verb = ""): MemoryPlace {
    const { tenant, owner } = this.#origin;
    const place = placeIn({ tenant, owner }, scope, this.#ids());
    if (place) return place;
    const start = `start it with X-${scope === "session" ? "Session" : "Actor"}-ID`;
    throw stepError("invalid_options", `ctx.memory.${verb}: this execution has no ${scope}; ${start}`);
  }

  #writer(): Writer {
    const { id, runId, actorId, owner, agent } = this.#origin;
    const actor = actorId === undefined ? {} : { actorId };
    return { agentId: agent, workflowId: runId, executionId: id, subject: owner, ...actor };
  }

  #memory(): MemoryVerbs {
    const { memory } = this.#loop.world;
    if (!memory) throw stepError("memory_refused", "there is no memory here", { fault: "misconfigured" });
    return memory;
  }
}

/** What was answered. A refusal that passes is thrown as an error that is tried again. */
export function takenFrom<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw FAULTS[result.code].retryable ? new Error(result.detail) : refusedError(result);
}

function refusedError({ code, detail }: Refusal): StepError {
  return stepError("memory_refused", detail, { fault: code });
}

function optionsOf(given: unknown, verb: string): Options {
  const parsed = Options.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw stepError(
    "invalid_options",
    `ctx.memory.${verb}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "does not fit"}`,
  );
}

function checkKey(key: unknown): asserts key is string {
  const fault = typeof key === "string" ? faultOfKey(key)?.message : "must be a text";
  if (fault !== undefined) throw stepError("invalid_options", `ctx.memory: the key ${fault}`);
}

function vectorOf(numbers: readonly number[], verb: string): Float32Array {
  const { dimensions } = MEMORY_LIMITS;
  const fits =
    Array.isArray(numbers) && numbers.length <= dimensions && numbers.every((one) => typeof one === "number");
  const vector = fits ? parseVector(numbers) : undefined;
  if (vector) return vector;
  throw stepError(
    "invalid_options",
    `ctx.memory.${verb}: an embedding is a list of 1 to ${dimensions} numbers of 32 bits that are not all 0`,
  );
}
