/** The limits that an execution is under which another one starts: a child, or the one that follows a restart. */
import { placesOf } from "../../define/concurrency.ts";
import { parseInput } from "../../define/parsed.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { QueueRules } from "../../domain/intake/queues.ts";
import type { Json } from "../../domain/values/json.ts";
import type { FoundFunction } from "../ports.ts";

interface Start {
  readonly origin: Pick<Origin, "agent" | "fn" | "sessionId">;
  readonly found: FoundFunction;
  /** As it was sent. */
  readonly input: Json;
  /** Nothing where no limits are held. */
  readonly rules: QueueRules | undefined;
  readonly digest: (text: string) => string;
}

/** A key is made of the input as its schema takes it; one that it does not take has no key. */
export async function placesFor({
  origin,
  found,
  input,
  ...rest
}: Start): Promise<Pick<Origin, "queues" | "priority">> {
  const { agent, fn, sessionId } = origin;
  const { definition: declared, agentLimit } = found;
  const isKeyed = rest.rules && typeof declared.concurrency === "object" && declared.concurrency.key !== undefined;
  const parsed = isKeyed ? await parseInput(declared.input, input) : undefined;
  const taken = parsed?.ok && !parsed.value.same ? parsed.value.value : input;
  return placesOf({ agent, fn, declared, agentLimit, input: taken, sessionId, ...rest });
}
