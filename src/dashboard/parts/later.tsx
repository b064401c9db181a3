/** Code that is loaded when it is first needed: the first page of the dashboard does not pay for it. */
import type { FunctionComponent } from "react";
import { useEffect, useState } from "react";
import { Loading, Notice } from "./notice.tsx";

interface LaterPart<P extends object> {
  readonly load: () => Promise<FunctionComponent<P>>;
  /** Once it is there it is drawn at once. */
  loaded: FunctionComponent<P> | undefined;
}

/** A page, or a part of one, by the module that has it. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): LaterPart<P> {
  return { load, loaded: undefined };
}

interface Props<P extends object> {
  readonly part: LaterPart<P>;
  readonly props: P;
  readonly rows?: number;
}

/** Draws the part when its code is there. Code that cannot be loaded says so, and offers to try again. */
export function Later<P extends object>({ part, props, rows = 6 }: Props<P>) {
  // Which part it is said of: one place may draw one part after the other.
  const [told, setTold] = useState<{ readonly part: LaterPart<P>; readonly failed: boolean }>();
  useEffect(() => {
    if (part.loaded) return undefined;
    let gone = false;
    part.load().then(
      (loaded) => {
        part.loaded = loaded;
        if (!gone) setTold({ part, failed: false });
      },
      () => {
        if (!gone) setTold({ part, failed: true });
      },
    );
    return () => {
      gone = true;
    };
  }, [part]);
  const { loaded: Part } = part;
  if (Part) return <Part {...props} />;
  if (told?.part === part && told.failed) return <NotLoaded />;
  return <Loading rows={rows} label="Being loaded" />;
}

function NotLoaded() {
  return (
    <Notice icon="alert" title="This cannot be loaded" role="alert">
      The server does not answer, or has other pages since a new deployment.
      <br />
      <button type="button" className="button" onClick={() => location.reload()}>
        Load again
      </button>
    </Notice>
  );
}
