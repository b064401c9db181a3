/** Files on the wire: those that come with a start, and those an execution keeps. */
import * as z from "zod";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import { endpoint } from "../endpoint.ts";
import { answer, ONE, read } from "../endpoint-parts.ts";
import { maskPersonalData } from "../privacy/mask.ts";
import { iso } from "../wire.ts";
import { ExecuteRequest } from "./requests.ts";

export const FileBody = z.object({
  name: z.string(),
  media_type: z.string(),
  size: z.number().int().describe("Bytes."),
  url: z.string().describe("Path of the download; answers 410 once it is expired."),
  expires_at: z.iso.datetime(),
  expired: z.boolean(),
});

/** The files of an execution, `undefined` when it was started without. */
export function fileBodies({ state, files }: ExecutionView): z.infer<typeof FileBody>[] | undefined {
  return files?.items.map(({ name, mediaType, size }, at) => ({
    name,
    media_type: mediaType,
    size,
    url: fileUrl(state.origin.id, name, at + 1),
    expires_at: iso(files.expiresAtMs),
    expired: state.filesExpiredAtMs !== undefined,
  }));
}

/** By its name; by its place where the name holds what viewers read masked: then the link works for them too. */
function fileUrl(executionId: string, name: string, place: number): string {
  const url = (last: string) => `/api/v1/executions/${executionId}/files/${encodeURIComponent(last)}`;
  const isPersonal = maskPersonalData(name) !== name || maskPersonalData(url(name)) !== url(name);
  return url(isPersonal ? String(place) : name);
}

/** The envelope as a form: its fields as JSON texts. */
export const ExecuteForm = ExecuteRequest.extend({
  files: z
    .array(z.file().describe("One .txt, .pdf, .jpg or .png, at most 10 MiB."))
    .max(10)
    .optional()
    .describe("Taken by functions that declare them; 32 MiB in all."),
});

export const FILE_ENDPOINTS = {
  getFile: endpoint({
    id: "getFile",
    method: "GET",
    path: `${ONE}/files/{name}`,
    tag: "Executions",
    scope: "read",
    summary:
      "A file that came with the start, by its name or its place (1 is the first), as an attachment; kept for 48 hours",
    answers: { 200: { ...answer("The file, under its own media type", z.file()), media: "application/octet-stream" } },
    faults: [...read, "file_expired"],
  }),
  getArchive: endpoint({
    id: "getArchive",
    method: "GET",
    path: `${ONE}/archive`,
    tag: "Executions",
    scope: "admin",
    summary: "The log of an execution that is kept no longer: its events, one a line",
    answers: { 200: { ...answer("JSON lines", z.string()), media: "application/jsonl" } },
    faults: [...read, "gone", "invalid_state", "archive_damaged"],
  }),
} as const;
