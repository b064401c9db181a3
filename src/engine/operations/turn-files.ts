/**
 * Files of the execution take the place of their names, right before a model is asked. The journal and the digest of the
 * turn know only the names; the bytes live as long as the request.
 */
import type { ModelRequest } from "../../define/context.ts";
import { stepError } from "../../define/errors.ts";
import { fileKey } from "../../domain/execution/stored-file.ts";
import type { Block, DocumentBlock, ImageBlock, Message } from "../../domain/model/conversation.ts";
import { TurnFailure } from "../../domain/model/conversation.ts";
import type { DraftMessage, FileBlock } from "../../domain/model/turn-draft.ts";
import { unreachable } from "../../domain/values/json.ts";
import type { Loop } from "./operation.ts";

/**
 * Throws `StepError` with `file_not_found` (no file of this execution has this name and content), `file_expired` or
 * `file_missing`; a store that cannot be reached is a `TurnFailure`, and the turn is tried again.
 */
export async function withFiles(loop: Loop, request: ModelRequest): Promise<ModelRequest> {
  const { messages } = request;
  if (typeof messages === "string" || !messages.some(namesFile)) return request;
  const read = new Map<string, Promise<ImageBlock | DocumentBlock>>();
  const blockOf = (file: FileBlock) => {
    const known = read.get(file.name) ?? carried(loop, file);
    read.set(file.name, known);
    return known;
  };
  return { ...request, messages: await Promise.all(messages.map((message) => carrying(message, blockOf))) };
}

function namesFile({ content }: DraftMessage): boolean {
  return typeof content !== "string" && content.some(({ type }) => type === "file");
}

async function carrying(
  { role, content }: DraftMessage,
  blockOf: (file: FileBlock) => Promise<Block>,
): Promise<Message> {
  if (typeof content === "string") return { role, content };
  return { role, content: await Promise.all(content.map((part) => (part.type === "file" ? blockOf(part) : part))) };
}

async function carried(loop: Loop, file: FileBlock): Promise<ImageBlock | DocumentBlock> {
  const { name, mediaType } = file;
  const data = base64(await bytesOf(loop, file));
  switch (mediaType) {
    case "image/jpeg":
    case "image/png":
      return { type: "image", mediaType, data };
    case "application/pdf":
    case "text/plain":
      return { type: "document", mediaType, data, title: name };
  }
  return unreachable(mediaType);
}

async function bytesOf({ files, journal, world }: Loop, { name, digest }: FileBlock): Promise<Uint8Array> {
  const { state } = journal;
  const index = files?.items.findIndex((file) => file.name === name && file.digest === digest) ?? -1;
  if (!state || !files || index === -1) throw stepError("file_not_found", `the execution was not given this "${name}"`);
  if (state.filesExpiredAtMs !== undefined)
    throw stepError("file_expired", `the file "${name}" is no longer kept: start the execution again with it`);
  const bytes = await world.readFile(fileKey(state.origin, files, index)).catch((cause: unknown) => {
    // No model was asked, so nothing was spent.
    throw new TurnFailure("connection", `the file "${name}" could not be read from the store`, { cause });
  });
  if (!bytes) throw stepError("file_missing", `the file "${name}" is not in the store any more`);
  return bytes;
}

const CHUNK = 0x8000;

/** A call takes some ten thousand arguments, no more: the bytes pass in pieces. */
function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}
