/** Reads a whole log, or all effects, page by page: what one reader holds at a time is a page. */
import type { Event } from "../domain/execution/event.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { EffectView } from "../domain/read-models/view.ts";
import type { Refusal } from "../domain/values/fault.ts";
import type { ExecutionClient } from "./ports.ts";

const LIMIT = 1_000;

/** Thrown where an answer has begun already: what it still needed was refused. */
class Refused extends Error {
  constructor({ code, detail }: Refusal) {
    super(`${code}: ${detail}`);
    this.name = "Refused";
  }
}

export async function* eventsOf(client: ExecutionClient, caller: Principal, id: string): AsyncGenerator<Event> {
  for (let after: number | null = 0; after !== null; ) {
    const page = await client.events(caller, id, { after, limit: LIMIT });
    if (!page.ok) throw new Refused(page);
    yield* page.value.events;
    after = page.value.next;
  }
}

export async function* effectsOf(client: ExecutionClient, caller: Principal, id: string): AsyncGenerator<EffectView> {
  for (let after: number | null = 0; after !== null; ) {
    const page = await client.effects(caller, id, { after, limit: LIMIT });
    if (!page.ok) throw new Refused(page);
    yield* page.value.effects;
    after = page.value.next;
  }
}
