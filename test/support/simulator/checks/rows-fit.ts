import { MAX_ROW_BYTES, utf8Bytes } from "../../../../src/domain/values/json-text.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const rowsFit: Check = {
  name: "every row is one that the platform takes",
  asked: "at the end",
  wrongs: ofEach(tooLarge),
};

/** Rows that the platform would not take, and events that nobody can read back. */
function tooLarge(world: SimWorld, id: string): string[] {
  const texts = world.store(id).view.log.flat();
  const isTooLarge = texts.some((text) => text.length > MAX_ROW_BYTES / 3 && utf8Bytes(text) > MAX_ROW_BYTES);
  return isTooLarge ? [`${id} holds a row that is too large`] : [];
}
