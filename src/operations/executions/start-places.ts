import { placesOf } from "../../define/concurrency.ts";
import type { ParsedInput } from "../../domain/execution/command.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { QueueRules } from "../../domain/intake/queues.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Found } from "../target.ts";

interface Start {
  readonly found: Found;
  /** As it was sent, and what its schema made of it. */
  readonly input: Json;
  readonly parsed: ParsedInput;
  readonly sessionId?: string | undefined;
}

/** What an operator set of a tenant's queues (nothing where no limits are held), and a digest for long keys. */
export interface PlaceParts {
  readonly rules: { of(tenant: string): QueueRules | undefined | Promise<QueueRules> };
  readonly digest: (text: string) => string;
}

/** The limits that a start from outside is under, and its priority. */
export async function startPlaces(
  { rules, digest }: PlaceParts,
  tenant: string,
  { found, input, parsed, sessionId }: Start,
): Promise<Pick<Origin, "queues" | "priority">> {
  const { agent, agentLimit, definition: declared } = found;
  const taken = parsed.same ? input : parsed.value;
  return placesOf({
    agent,
    fn: declared.name,
    agentLimit,
    declared,
    input: taken,
    sessionId,
    digest,
    rules: await rules.of(tenant),
  });
}
