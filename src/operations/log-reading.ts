/** Reads a whole log, or all effects, page by page: what one reader holds at a time is a page. */
import type { Caller } from "../domain/caller.ts";
import type { Event } from "../domain/event.ts";
import type { Refusal } from "../domain/fault.ts";
import type { EffectView } from "../domain/view.ts";
import type { ExecutionDoor } from "./ports.ts";

const LIMIT = 1_000;

/** Thrown where an answer has begun already: what it still needed was refused. */
class Refused extends Error {
  constructor({ code, detail }: Refusal) {
    super(`${code}: ${detail}`);
    this.name = "Refused";
  }
}

export async function* eventsOf(door: ExecutionDoor, caller: Caller, id: string): AsyncGenerator<Event> {
  for (let after: number | null = 0; after !== null; ) {
    const page = await door.events(caller, id, { after, limit: LIMIT });
    if (!page.ok) throw new Refused(page);
    yield* page.value.events;
    after = page.value.next;
  }
}

export async function* effectsOf(door: ExecutionDoor, caller: Caller, id: string): AsyncGenerator<EffectView> {
  for (let after: number | null = 0; after !== null; ) {
    const page = await door.effects(caller, id, { after, limit: LIMIT });
    if (!page.ok) throw new Refused(page);
    yield* page.value.effects;
    after = page.value.next;
  }
}
