import type { ReactNode } from "react";
import { useFeed } from "../live/feed.tsx";
import { Fault } from "./fault.tsx";
import { Loading, Notice } from "./notice.tsx";
import type { Read } from "./use-read.ts";

interface Props<T> {
  readonly read: Read<T>;
  /** What is read, as a sentence begins with it: "The schedules". */
  readonly what: string;
  readonly rows?: number;
  readonly children: (value: T) => ReactNode;
}

/** What was read, or that it is being read, or why it cannot be. What was read before stays when a later try is refused. */
export function ReadView<T>({ read: { value, fault, reload }, what, rows = 6, children }: Props<T>) {
  const { connection } = useFeed();
  if (value !== undefined)
    return (
      <>
        <Fault said={fault} />
        {children(value)}
      </>
    );
  if (fault === undefined && connection === "lost")
    return (
      <Notice icon="alert" title="The server is not reached" role="status">
        This is read as soon as it answers again.
      </Notice>
    );
  if (fault === undefined) return <Loading rows={rows} label={`${what}: being loaded`} />;
  return (
    <Notice icon="alert" title={`${what} cannot be read`} role="alert">
      {fault}
      <br />
      <button type="button" className="button" onClick={reload}>
        Try again
      </button>
    </Notice>
  );
}
