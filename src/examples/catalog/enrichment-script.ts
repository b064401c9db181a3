/**
 * What the scripted model does with films: it forgets the last one, is corrected, sends all of them, and reports. What it
 * knows of a film it reads off the source by rule, and it mends titles that a wrong encoding garbled.
 */
import type { Script, TurnRequest } from "../../define/index.ts";
import type { CatalogItem } from "./item.ts";
import { CATEGORIES } from "./item.ts";

/** As it stands in the prompt; `null` where the source has no such row. */
export interface SourceFilm {
  readonly item: number;
  readonly source: { readonly [column: string]: unknown } | null;
}

type Answer = Exclude<Script[number]["reply"], (request: never) => unknown>;

export const script: Script = [{ when: () => true, reply: answer }];

const STILL_INVALID = "The response is still invalid: ";

function answer({ messages }: TurnRequest): Answer {
  const films = filmsIn(messages);
  const { text, answered } = lastOf(messages);
  if (text.startsWith(STILL_INVALID)) {
    const [why] = text.slice(STILL_INVALID.length).split("\n");
    return { text: `All ${films.length} films were sent to the catalog, and it did not take every one. ${why}` };
  }
  const sent = messages.length === 1 ? films.slice(0, -1) : films;
  if (answered || sent.length === 0) return { text: JSON.stringify({ enriched: films.map(({ item }) => item) }) };
  return { tools: sent.map((one) => ({ name: "upsert_item", input: { ...enriched(one) } })) };
}

/** The films stand in the first message, as a JSON list. */
function filmsIn([first]: TurnRequest["messages"]): SourceFilm[] {
  const text = typeof first?.content === "string" ? first.content : "";
  return JSON.parse(text.slice(text.indexOf("["))) as SourceFilm[];
}

function lastOf(messages: TurnRequest["messages"]): { readonly text: string; readonly answered: boolean } {
  const content = messages.at(-1)?.content ?? "";
  if (typeof content === "string") return { text: content, answered: false };
  return { text: "", answered: content.some(({ type }) => type === "tool_result") };
}

/** Letters of Windows-1252 as they look when they are read as Mac Roman. */
const MENDED: ReadonlyMap<string, string> = new Map(
  "‡à ·á ‰ä Ëè Èé Íê Îë Óî Ôï Ûó Ùô ˘ù Ω½ Ö…".split(" ").map(([garbled = "", letter = ""]) => [garbled, letter]),
);
const GARBLED = /(?<=[\p{L}\d ])[‡·‰ËÈÍÎÓÔÛÙ˘ΩÖ]/gu;

const BY_TYPE: ReadonlyMap<string, CatalogItem["category"]> = new Map([
  ["Science Fiction", "Adventure"],
  ["Fantasy", "Adventure"],
  ["Super Hero", "Action"],
  ["Kids Fiction", "Adventure"],
  ["Factual", "Documentary"],
]);

function enriched({ item, source }: SourceFilm): CatalogItem {
  const { Title, Director, "Release Date": released, "Major Genre": genre, "Creative Type": type } = source ?? {};
  const year = /\d{4}$/.exec(String(released ?? ""))?.[0];
  return {
    item,
    title: String(Title ?? "unknown").replace(GARBLED, (letter) => MENDED.get(letter) ?? letter),
    category: CATEGORIES.find((one) => one === genre) ?? BY_TYPE.get(String(type)) ?? "Drama",
    attributes: {
      ...(year === undefined ? {} : { year }),
      ...(typeof Director === "string" ? { director: Director } : {}),
    },
  };
}
