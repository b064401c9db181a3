/**
 * Long texts in R2, written and read in pieces: what is in memory is a part of an upload and a frame.
 *
 * - A sealed text is a row of frames: four bytes of length, then an envelope that is bound to its object and its place. The
 *   first byte inside says whether it is the last one, so a frame that is missing, moved or cut off does not open.
 * - While encryption is off the object is the text itself.
 * - The object is there when all of it is: a larger one is uploaded in parts.
 */
import type { Sealer } from "../../vault/vault.ts";

/** Bytes cannot say of themselves whether they are sealed, so their object does. */
export const SEALED = { sealed: "1" };

/** R2 takes parts of one size, of 5 MiB at least; the last one may be smaller. */
const PART = 5 * 1_048_576;
/** Bytes of text in one frame. */
const FRAME = 1_048_576;
const [MORE, LAST] = [0, 1];
const place = (frame: number) => `frame ${frame}`;

interface PutText {
  readonly key: string;
  readonly pieces: AsyncIterable<string>;
  readonly about: Readonly<Record<string, string>>;
  readonly sealer: Sealer;
}

export async function putPieces(bucket: R2Bucket, { key, pieces, about, sealer }: PutText): Promise<void> {
  const isSealed = sealer.keyId !== undefined;
  const upload = new Upload(bucket, key, isSealed ? { ...about, ...SEALED } : about);
  try {
    const bytes = blocksOf(pieces);
    for await (const block of isSealed ? sealedFrames(bytes, sealer) : bytes) await upload.add(block);
    await upload.complete();
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

export function readPieces(found: R2ObjectBody | null, sealer: Sealer): AsyncIterable<string> | undefined {
  if (!found) return undefined;
  const isSealed = found.customMetadata?.sealed === SEALED.sealed;
  return textsOf(isSealed ? openedFrames(found.body, sealer) : found.body);
}

/** An object that is put at once while it is small, and in parts from then on. */
class Upload {
  readonly #bucket: R2Bucket;
  readonly #key: string;
  readonly #options: R2MultipartOptions;
  readonly #waiting = new Bytes();
  readonly #parts: R2UploadedPart[] = [];
  #upload: R2MultipartUpload | undefined;

  constructor(bucket: R2Bucket, key: string, customMetadata: Record<string, string>) {
    this.#bucket = bucket;
    this.#key = key;
    this.#options = { customMetadata };
  }

  async add(bytes: Uint8Array): Promise<void> {
    this.#waiting.add(bytes);
    while (this.#waiting.size >= PART) await this.#send(this.#waiting.take(PART));
  }

  async #send(part: Uint8Array): Promise<void> {
    this.#upload ??= await this.#bucket.createMultipartUpload(this.#key, this.#options);
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, part));
  }

  async complete(): Promise<void> {
    const rest = this.#waiting.take(this.#waiting.size);
    if (!this.#upload) return void (await this.#bucket.put(this.#key, rest, this.#options));
    if (rest.length > 0) await this.#send(rest);
    await this.#upload.complete(this.#parts);
  }

  /** What cannot be given up now R2 gives up by itself after seven days. */
  async abort(): Promise<void> {
    await this.#upload?.abort().catch(() => undefined);
  }
}

/** Bytes that came in blocks and are taken in others. */
class Bytes {
  #blocks: Uint8Array[] = [];
  size = 0;

  add(block: Uint8Array): void {
    if (block.length > 0) this.#blocks.push(block);
    this.size += block.length;
  }

  /** At most `size` of them. */
  take(size: number): Uint8Array {
    const taken = new Uint8Array(size);
    const rest: Uint8Array[] = [];
    let at = 0;
    for (const block of this.#blocks) {
      const part = block.subarray(0, size - at);
      taken.set(part, at);
      at += part.length;
      if (part.length < block.length) rest.push(block.subarray(part.length));
    }
    this.#blocks = rest;
    this.size -= size;
    return taken;
  }
}

async function* blocksOf(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) {
    const bytes = encoder.encode(piece);
    for (let from = 0; from < bytes.length; from += FRAME) yield bytes.subarray(from, from + FRAME);
  }
}

async function* sealedFrames(blocks: AsyncIterable<Uint8Array>, sealer: Sealer): AsyncGenerator<Uint8Array> {
  let frame = 0;
  let before: Uint8Array | undefined;
  for await (const block of blocks) {
    if (before) yield sealed(before, { mark: MORE, frame: frame++, sealer });
    before = block;
  }
  yield sealed(before ?? new Uint8Array(), { mark: LAST, frame, sealer });
}

function sealed(
  block: Uint8Array,
  { mark, frame, sealer }: { readonly mark: number; readonly frame: number; readonly sealer: Sealer },
): Uint8Array {
  const marked = new Uint8Array(block.length + 1);
  marked[0] = mark;
  marked.set(block, 1);
  const envelope = sealer.sealBytes(marked, place(frame));
  if (!envelope) throw new Error("encryption was on a moment ago");
  const framed = new Uint8Array(envelope.length + 4);
  new DataView(framed.buffer).setUint32(0, envelope.length);
  framed.set(envelope, 4);
  return framed;
}

/** Throws `Unopened` where a frame is not the one that was sealed for this place. */
async function* openedFrames(body: AsyncIterable<Uint8Array>, sealer: Sealer): AsyncGenerator<Uint8Array> {
  const waiting = new Bytes();
  let frame = 0;
  let length: number | undefined;
  let isOver = false;
  for await (const chunk of body) {
    waiting.add(chunk);
    for (;;) {
      if (length === undefined && waiting.size >= 4) length = new DataView(waiting.take(4).buffer).getUint32(0);
      if (length === undefined || waiting.size < length) break;
      if (isOver) throw new TextCut("something follows its end");
      const opened = sealer.openBytes(waiting.take(length), place(frame++));
      isOver = opened[0] === LAST;
      length = undefined;
      yield opened.subarray(1);
    }
  }
  if (!isOver || waiting.size > 0 || length !== undefined) throw new TextCut("it was cut off");
}

/** The object is not the one that was put. */
export class TextCut extends Error {}

async function* textsOf(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const block of blocks) yield decoder.decode(block, { stream: true });
  yield decoder.decode();
}
