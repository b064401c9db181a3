import { ENDPOINTS } from "../../contract/endpoints.ts";
import { eventBody } from "../../contract/executions/event-body.ts";
import { maskPersonalData } from "../../contract/privacy/mask.ts";
import { route } from "../access/route.ts";
import { answerRefusal } from "../answers/answer.ts";
import { masks } from "../answers/masked-answer.ts";
import { answerLines } from "../answers/streamed-json.ts";
import type { App, C } from "../requests/app.ts";
import { idOf } from "../requests/parse.ts";

export function fileRoutes(app: App): void {
  route(app, ENDPOINTS.getFile, getFile);
  route(app, ENDPOINTS.getArchive, getArchive);
}

async function getArchive(c: C): Promise<Response> {
  const read = await c.get("services").archives.read(c.get("caller"), idOf(c));
  if (!read.ok) return answerRefusal(c, read);
  return answerLines(c, async function* lines() {
    for await (const event of read.value()) yield eventBody(event);
  });
}

/** Answers with a file that a caller brought: the browser saves it, never shows it, and takes only its checked type. */
async function getFile(c: C): Promise<Response> {
  const which = { executionId: idOf(c), name: c.req.param("name") ?? "" };
  const file = await c.get("services").files.read(c.get("caller"), which);
  if (!file.ok) return answerRefusal(c, file);
  const { name, mediaType, bytes } = file.value;
  return new Response(bytes, {
    headers: {
      "content-type": mediaType === "text/plain" ? "text/plain; charset=utf-8" : mediaType,
      "content-length": String(bytes.byteLength),
      "content-disposition": attachment(masks(c) ? maskPersonalData(name) : name),
      "content-security-policy": "default-src 'none'; sandbox",
    },
  });
}

/** RFC 6266: the name in ASCII for old readers, and as it is. */
function attachment(name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
