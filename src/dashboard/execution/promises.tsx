/** The promises of durable execution, checked by the server on this very log. */
import { useEffect, useState } from "react";
import type { InvariantReport } from "../../domain/invariants/invariants.ts";
import { Icon } from "../parts/icon.tsx";
import { Loading } from "../parts/notice.tsx";
import { useSession } from "../session/session.tsx";

export function Promises({ id, seq }: { readonly id: string; readonly seq: number }) {
  const { client, heard } = useSession();
  const [reports, setReports] = useState<readonly InvariantReport[]>();
  const [fault, setFault] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a log that has grown is checked anew.
  useEffect(() => {
    const leaving = new AbortController();
    client
      .invariants(id, { signal: leaving.signal })
      .then(setReports)
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) setFault(heard(error));
      });
    return () => leaving.abort();
  }, [client, heard, id, seq]);
  if (fault !== undefined) return <p className="fault">{fault}</p>;
  if (!reports) return <Loading rows={4} label="The promises are being checked" />;
  return (
    <ul className="plain-list promises">
      {reports.map(({ promise, verdict, detail, events }) => (
        <li
          key={promise}
          className="verdict-line"
          data-passed={verdict === "holds" ? true : verdict === "violated" ? false : "unknown"}
        >
          <Icon name={verdict === "holds" ? "check" : verdict === "violated" ? "alert" : "minus"} size={14} />
          <span className="unseen">{VERDICTS[verdict]}: </span>
          <span>{PROMISES[promise]}</span>
          <span className="quiet">
            {detail}
            {events.length > 0 && ` (events ${events.join(", ")})`}
          </span>
        </li>
      ))}
    </ul>
  );
}

const VERDICTS = { holds: "kept", violated: "broken", not_checkable_here: "not to be seen in a log" } as const;

const PROMISES: Readonly<{ [P in InvariantReport["promise"]]: string }> = {
  P1: "It is never stuck without a reason",
  P2: "No effect happens twice in silence",
  P3: "A cancel is a barrier",
  P4: "Budgets hold",
  P5: "The log has no gaps, and gives the state",
  P6: "A decision holds for what was shown",
  P7: "Readers lose nothing and read nothing twice",
  P8: "Replay depends on no clock of its own",
};
