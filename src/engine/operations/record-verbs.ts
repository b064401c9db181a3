/**
 * What programs of the house keep beside their own execution: plans, threads, references. As `ctx.memory`: a read is a step, a
 * write is an effect that is safe to repeat, because the record knows it by the execution and its key in the journal.
 */
import { stepError } from "../../define/errors.ts";
import type { RecordName, RecordVerbs } from "../../define/program-context.ts";
import { MEMORY_LIMITS } from "../../domain/memory/limits.ts";
import type { MemoryVerbs } from "../../domain/memory/memory-verbs.ts";
import type { EntryPlace } from "../../domain/memory/scope.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson, toJson } from "../../domain/values/json.ts";
import { fitsBytes } from "../../domain/values/json-text.ts";
import { tryOptions } from "../program/options.ts";
import { fingerprint } from "./determinism.ts";
import type { Perform } from "./memory-verbs.ts";
import { MEMORY_TRIES, takenFrom } from "./memory-verbs.ts";
import type { Loop } from "./operation.ts";

export function recordVerbs(loop: Loop, perform: Perform): RecordVerbs {
  const origin = () => {
    const known = loop.journal.state?.origin;
    if (!known) throw new Error("a program runs only in an execution that exists");
    return known;
  };
  const placeOf = ({ scope, id }: RecordName): EntryPlace => {
    const { tenant, owner } = origin();
    return { tenant, owner, scope, scopeId: id };
  };
  const memory = (): MemoryVerbs => {
    const { memory: verbs } = loop.world;
    if (!verbs) throw stepError("memory_refused", "there is no memory here", { fault: "misconfigured" });
    return verbs;
  };
  return {
    hasEnded: async (executionId) => {
      const name = "execution.look";
      const digest = fingerprint(loop.world, executionId);
      const options = tryOptions(MEMORY_TRIES, name);
      const look = () => loop.world.hasEnded(origin(), executionId);
      return (await perform({ kind: "step", name, digest, options, perform: look })) === true;
    },
    read: async (record) => {
      const name = `${record.scope}.read`;
      const digest = fingerprint(loop.world, toJson(record));
      const options = tryOptions(MEMORY_TRIES, name);
      const find = async () => {
        const entry = takenFrom(await memory().get(placeOf(record), record.key));
        return entry === null ? null : (JSON.parse(entry.data) as Json);
      };
      return (await perform({ kind: "step", name, digest, options, perform: find })) as Json;
    },
    write: async (record, { data, expects, ttlMs }) => {
      const name = `${record.scope}.write`;
      const text = canonicalJson(data);
      if (!fitsBytes(text, MEMORY_LIMITS.valueBytes))
        throw stepError("value_too_large", `a ${record.scope} has at most ${MEMORY_LIMITS.valueBytes} bytes`);
      const input = toJson({ ...record, data, ...(expects === undefined ? {} : { expects }) });
      const digest = fingerprint(loop.world, input);
      const { id, runId, owner, agent } = origin();
      const by = { agentId: agent, workflowId: runId, executionId: id, subject: owner };
      const before = expects === undefined || expects === null ? expects : canonicalJson(expects);
      const written = await perform({
        ...{ kind: "effect", name, input, digest, options: tryOptions({ ...MEMORY_TRIES, idempotent: true }, name) },
        perform: async ({ idempotencyKey }) => {
          const once = { id: `run ${idempotencyKey}`, digest };
          const write = { key: record.key, data: text, by, once, expects: before, ttlMs };
          const result = await memory().set(placeOf(record), write);
          if (!result.ok && result.code === "version_conflict") return false;
          takenFrom(result);
          return true;
        },
      });
      return written === true;
    },
  };
}
