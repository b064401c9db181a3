import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const readersHaveTheLog: Check = {
  name: "a reader has the whole log, once",
  asked: "at the end",
  wrongs: ofEach((world, id) => {
    // It has a connection again, and the journal is read from the disk if nothing else has asked for it.
    world.actor(id);
    return world.readers.get(id)?.wrongs(id, world.store(id).view.events) ?? [];
  }),
};
