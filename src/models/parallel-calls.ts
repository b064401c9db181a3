/**
 * Tells the tool calls of one chat completion apart while their pieces arrive. The wire says that each piece carries the
 * index of its call and the first one its id and name; servers leave out and repeat all three.
 *
 * P1  Pieces are one call only where everything they say agrees: another id, another name, or a second whole object of
 *     arguments is another call. What cannot be told apart ends as unreadable arguments, never as a call of our own making.
 * P2  A call that is sent again as it was (its id or index again, the same arguments) is that call.
 * P3  Each call gets an id that no other has, in this answer and before it: results are told apart by it.
 */
import type { ToolUseBlock } from "../domain/model/conversation.ts";
import { readModelJson } from "../domain/values/strict-json.ts";
import { toolUse } from "./tool-input.ts";

/** What one delta says of one call; an empty text says nothing. */
export interface CallPiece {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  /** A part of the arguments' JSON, or all of it. */
  readonly written: string;
}

interface Call {
  index: number | undefined;
  id: string;
  name: string;
  written: string;
  /** True when it began with a name and nothing else, after a whole call of that name: perhaps the last piece of that one. */
  readonly perhaps: boolean;
}

/** Where a piece stands in its delta. */
interface Place {
  readonly at: number;
  /** How many pieces the delta has. */
  readonly of: number;
  /** The calls that the pieces before it belong to. */
  readonly touched: readonly Call[];
}

export class ParallelCalls {
  readonly #calls: Call[] = [];
  /** The calls that the delta before belonged to, piece by piece. */
  #former: readonly Call[] = [];

  get size(): number {
    return this.#calls.length;
  }

  /** The pieces of one delta. */
  take(pieces: readonly CallPiece[]): void {
    const touched: Call[] = [];
    for (const [at, piece] of pieces.entries()) touched.push(this.#extend(piece, { at, of: pieces.length, touched }));
    if (touched.length > 0) this.#former = touched;
  }

  /** The calls in the order of their indexes, or as they came where those do not tell. `taken`: ids that are in use. */
  blocks(taken: ReadonlySet<string>): ToolUseBlock[] {
    const ids = new Set(taken);
    return this.#ordered()
      .filter(({ name, written, perhaps }) => written.trim() !== "" || (name !== "" && !perhaps))
      .map(({ id, name, written }, position) => {
        const own = freeId(id || `call_${position + 1}`, ids);
        ids.add(own);
        return toolUse(own, name || "unnamed", written);
      });
  }

  #ordered(): readonly Call[] {
    const indexes = new Set(this.#calls.map(({ index }) => index));
    if (indexes.has(undefined) || indexes.size < this.#calls.length) return this.#calls;
    return this.#calls.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
  }

  #extend(piece: CallPiece, place: Place): Call {
    const known = this.#find(piece, place);
    if (!known || begins(piece, known, place.touched)) return this.#begin(piece, false);
    if (isBareName(piece) && known.name !== "" && isWhole(known)) return this.#begin(piece, true);
    known.index ??= piece.index;
    known.id ||= piece.id;
    known.name ||= piece.name;
    if (!repeats(piece, known, place.touched)) known.written += piece.written;
    return known;
  }

  #begin({ index, id, name, written }: CallPiece, perhaps: boolean): Call {
    const call = { index, id, name, written, perhaps };
    this.#calls.push(call);
    return call;
  }

  /** The call that a piece may belong to: by its id, else by its index, else by what is still unfinished. */
  #find(piece: CallPiece, place: Place): Call | undefined {
    const { index, id, name } = piece;
    const sameIndex = (call: Call) => call.index === index;
    if (id !== "") {
      const compatible = (call: Call) => index === undefined || call.index === undefined || sameIndex(call);
      const same = this.#calls.findLast((call) => call.id === id && compatible(call));
      // Its arguments may have come before it.
      return (
        same ?? this.#calls.findLast((call) => call.id === "" && (index === undefined ? name === "" : sameIndex(call)))
      );
    }
    if (index !== undefined) return this.#calls.findLast(sameIndex);
    if (name !== "") return this.#calls.at(-1);
    if (place.of > 1) return this.#former[place.at] ?? this.#calls.at(-1);
    if (this.#calls.length < 2) return this.#calls[0];
    return this.#calls.findLast((call) => !isWhole(call)) ?? this.#calls.at(-1);
  }
}

/** Whether the piece begins another call than the one it could belong to. */
function begins(piece: CallPiece, known: Call, touched: readonly Call[]): boolean {
  if (piece.name === "" && piece.id === "") return false;
  if (piece.name !== "" && known.name !== "" && piece.name !== known.name) return true;
  const beside = touched.includes(known);
  if (beside && piece.name !== "" && known.written === "") return true;
  if (!piece.written.trimStart().startsWith("{") || !isWhole(known)) return false;
  return beside || !repeats(piece, known, touched);
}

function isBareName({ name, written }: CallPiece): boolean {
  return name !== "" && written.trim() === "";
}

/** The same call once more, whole: servers end a stream of pieces with it. */
function repeats({ index, id, written }: CallPiece, known: Call, touched: readonly Call[]): boolean {
  if (written !== known.written || written === "" || touched.includes(known)) return false;
  const named = (id !== "" && id === known.id) || (index !== undefined && index === known.index);
  return named && isWhole(known);
}

function isWhole({ written }: Call): boolean {
  if (!written.trimEnd().endsWith("}")) return false;
  const read = readModelJson(written);
  return read.ok || read.isJson;
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  let id = wanted;
  for (let nth = 2; taken.has(id); nth += 1) id = `${wanted}_${nth}`;
  return id;
}
