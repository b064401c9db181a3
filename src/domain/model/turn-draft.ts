/**
 * A turn as a program writes it: where a file of its execution belongs, it stands by name. Ten megabytes do not fit into
 * the journal; a name and a digest do, and the digest makes the journal's entry one about exactly this content. The bytes
 * take its place right before the model is asked.
 */
import * as z from "zod";
import { StoredFile } from "../execution/stored-file.ts";
import { Block, Message, TurnRequest } from "./conversation.ts";

export const FileBlock = StoredFile.extend({ type: z.literal("file") });
export type FileBlock = z.infer<typeof FileBlock>;

const DraftMessage = Message.extend({
  content: z.union([z.string(), z.array(z.discriminatedUnion("type", [...Block.options, FileBlock]))]),
});
export type DraftMessage = z.infer<typeof DraftMessage>;

/** As `TurnRequest`, with files by name. */
export const TurnDraft = TurnRequest.extend({
  messages: z.union([
    z.string().transform((text): DraftMessage[] => [{ role: "user", content: text }]),
    z.array(DraftMessage).min(1),
  ]),
});
export type TurnDraft = z.infer<typeof TurnDraft>;
