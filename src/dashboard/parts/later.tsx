/** Pages whose code is loaded when they are opened: the first page of the dashboard does not pay for them. */
import type { FunctionComponent } from "react";
import { useEffect, useState } from "react";
import { Loading, Notice } from "./notice.tsx";

export interface LaterPage<P extends object> {
  readonly load: () => Promise<FunctionComponent<P>>;
  /** Once it is there it is drawn at once. */
  loaded: FunctionComponent<P> | undefined;
}

/** A page by the module that has it. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): LaterPage<P> {
  return { load, loaded: undefined };
}

interface Props<P extends object> {
  readonly page: LaterPage<P>;
  readonly props: P;
}

/** One that cannot be loaded says so, and offers to try again. */
export function Later<P extends object>({ page, props }: Props<P>) {
  const [state, setState] = useState<"loading" | "loaded" | "failed">("loading");
  useEffect(() => {
    if (page.loaded) return undefined;
    let gone = false;
    page.load().then(
      (loaded) => {
        page.loaded = loaded;
        if (!gone) setState("loaded");
      },
      () => {
        if (!gone) setState("failed");
      },
    );
    return () => {
      gone = true;
    };
  }, [page]);
  const { loaded: Page } = page;
  if (Page) return <Page {...props} />;
  if (state === "failed") return <NotLoaded />;
  return (
    <div className="page">
      <Loading rows={6} label="The page is being loaded" />
    </div>
  );
}

function NotLoaded() {
  return (
    <Notice icon="alert" title="The page cannot be loaded" role="alert">
      The server does not answer, or has other pages since a new deployment.
      <br />
      <button type="button" className="button" onClick={() => location.reload()}>
        Load again
      </button>
    </Notice>
  );
}
