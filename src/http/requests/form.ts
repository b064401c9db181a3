/**
 * A body as `multipart/form-data`, cut into its parts. The platform's own reader takes 20 s for 32 MiB of part headers
 * (workerd, 2026-11), so the parts are cut here: their number and the size of their headers are limited before either is
 * looked into.
 */
import type { MultipartPart } from "@remix-run/multipart-parser";
import { MaxHeaderSizeExceededError, MaxPartsExceededError, parseMultipart } from "@remix-run/multipart-parser";
import { BODY_BYTES, inBytes } from "../../contract/body-limits.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { C } from "./app.ts";
import type { Bound } from "./body.ts";
import { joined, readBytes } from "./body.ts";

const MOST_PARTS = 100;
/** The name of the field and the name of its file, with room for what clients write beside them. */
const MOST_HEADER_BYTES = 4_096;

/** One part of a form. Its header is not looked into before a caller needs it. */
export interface FormPart {
  readonly name: string;
  /** Undefined for a text. */
  readonly fileName: string | undefined;
  readonly bytes: Uint8Array;
}

export async function readForm(c: C, type: string): Promise<Result<readonly FormPart[]>> {
  const boundary = boundaryOf(type);
  if (boundary === undefined)
    return refuse("invalid_form", "content-type: names no boundary of 1 to 70 characters between the parts");
  const bytes = await readBytes(c.req.raw, formBound(c.get("asked").endpoint, c.req.header("content-length")));
  if (!bytes.ok) return bytes.code === "invalid_json" ? refuse("invalid_form", bytes.detail) : bytes;
  const limits = {
    maxParts: MOST_PARTS,
    maxHeaderSize: MOST_HEADER_BYTES,
    maxFileSize: Number.POSITIVE_INFINITY,
    maxTotalSize: Number.POSITIVE_INFINITY,
  };
  try {
    return accept([...parseMultipart(bytes.value, { boundary, ...limits })].map(partOf));
  } catch (error) {
    if (error instanceof MaxPartsExceededError)
      return refuse("payload_too_large", `the form has more than ${MOST_PARTS} parts`);
    if (error instanceof MaxHeaderSizeExceededError)
      return refuse("payload_too_large", `the header of a part has more than ${MOST_HEADER_BYTES} bytes`);
    return refuse("invalid_form", "the body does not parse: it is cut, or its boundary is another one");
  }
}

/** RFC 2046 allows 70 characters. */
function boundaryOf(type: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^";\s]{1,70})(?:[;\s]|$))/i.exec(type) ?? [];
  return quoted ?? plain;
}

function formBound({ formBytes: most = BODY_BYTES.form }: Endpoint, declared: string | undefined): Bound {
  const how = declared === undefined ? "goes on" : `has ${declared.slice(0, 20)} bytes`;
  return { most, refusal: refuse("payload_too_large", `the form ${how}; at most ${inBytes(most)} are taken in all`) };
}

function partOf(part: MultipartPart): FormPart {
  return { name: part.name ?? "", fileName: part.filename, bytes: joined(part.content, part.size) };
}
