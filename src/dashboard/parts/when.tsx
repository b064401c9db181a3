import { relative } from "./words.ts";

/** An instant as people say it, with the exact one for those who point at it. */
export function When({ at, now }: { readonly at: string; readonly now: number }) {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {relative(Date.parse(at), now)}
    </time>
  );
}

/** `14:03:07.214` */
export function Clock({ atMs }: { readonly atMs: number }) {
  const at = new Date(atMs);
  const text = `${at.toLocaleTimeString([], { hour12: false })}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return (
    <time className="mono num" dateTime={at.toISOString()} title={at.toLocaleString()}>
      {text}
    </time>
  );
}
