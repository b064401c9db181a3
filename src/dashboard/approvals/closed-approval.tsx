import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { Approval } from "../../client/directory.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { sentence, shortId } from "../parts/words.ts";
import { useSession } from "../session/session.tsx";

const CLOSED = ["approved", "rejected", "request_changes", "expired", "withdrawn"] as const;
const MOST = 200;

/** An approval that a link leads to and that does not wait any more. */
export function ClosedApproval({ id }: { readonly id: string }) {
  const { client, heard } = useSession();
  const [found, setFound] = useState<Approval | "none">();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    const leaving = new AbortController();
    client.directory
      .approvals({ status: CLOSED, limit: MOST, signal: leaving.signal })
      .then(({ items }) => setFound(items.find((item) => item.approval_request_id === id) ?? "none"))
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) setFault(heard(error));
      });
    return () => leaving.abort();
  }, [client, heard, id]);
  if (fault !== undefined)
    return (
      <Notice icon="alert" title="It cannot be read">
        {fault}
      </Notice>
    );
  if (found === undefined) return <Loading rows={4} label="The approval is being loaded" />;
  if (found === "none")
    return (
      <Notice icon="alert" title="No such approval waits">
        It was decided long ago, or it is not yours to see. Those that wait are in the{" "}
        <Link href="/approvals">inbox</Link>.
      </Notice>
    );
  return (
    <Notice icon="check" title={`${sentence(found.name)}: ${sentence(found.status).toLowerCase()}`}>
      <p>
        {found.decided_by === undefined ? "It was closed" : `Decided by ${found.decided_by}`}
        {found.decided_at !== undefined && `, ${new Date(found.decided_at).toLocaleString()}`}.
      </p>
      <Link className="button" href={`/executions/${encodeURIComponent(found.execution_id)}`}>
        Open execution {shortId(found.execution_id)}
      </Link>
    </Notice>
  );
}
