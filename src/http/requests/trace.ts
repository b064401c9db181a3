/** W3C Trace Context: the caller's trace goes into our log line, and the answer names our part of it (`traceresponse`). */

interface Trace {
  readonly traceId: string;
  readonly flags: string;
}

/** Version, trace id, parent id, flags. Version ff is invalid, and so are ids of zeros; only later versions may be longer. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** Undefined for a header that is malformed: then the standard says to go on as if there were none. */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const [, version, traceId, flags, more] = TRACEPARENT.exec(header ?? "") ?? [];
  if (traceId === undefined || flags === undefined || (version === "00" && more !== undefined)) return undefined;
  return { traceId, flags };
}

export function traceresponseOf({ traceId, flags }: Trace): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const span = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `00-${traceId}-${span}-${flags}`;
}
