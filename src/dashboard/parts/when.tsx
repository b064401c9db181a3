import { relative } from "./words.ts";

/** An instant as people say it, with the exact one for those who point at it. */
export function When({ at, now }: { readonly at: string; readonly now: number }) {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {relative(Date.parse(at), now)}
    </time>
  );
}

/** An instant that has passed, also where the clock of the server is ahead or `now` is a little old. */
export function Ago({ at, now }: { readonly at: string; readonly now: number }) {
  return <When at={at} now={Math.max(now, Date.parse(at))} />;
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
