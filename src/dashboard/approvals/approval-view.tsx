import { Link } from "wouter";
import { useNow } from "../live/now.ts";
import { Icon } from "../parts/icon.tsx";
import { sentence, shortId } from "../parts/words.ts";
import { BlockedForm } from "./blocked-form.tsx";
import { DecisionForm } from "./decision-form.tsx";
import { DoubtForm } from "./doubt-form.tsx";
import { Expiry } from "./expiry.tsx";
import { Payload } from "./payload.tsx";
import type { Asked } from "./question.ts";
import { blockedIn, payloadToRead } from "./question.ts";

interface Props {
  readonly asked: Asked;
  readonly target: string;
  /** False once it was decided, by this person or another one. */
  readonly isOpen: boolean;
  readonly onDecided: () => void;
}

/** One approval: what is asked, on whose behalf, until when, and the answers. */
export function ApprovalView({ asked, target, isOpen, onDecided }: Props) {
  const now = useNow(1_000, asked.expiresAt !== undefined);
  return (
    <article className="panel approval" aria-label={asked.name}>
      <header className="approval-head">
        <h2>{headOf(asked)}</h2>
        {asked.expiresAt !== undefined && <Expiry at={asked.expiresAt} now={now} />}
      </header>
      <p className="quiet">
        Asked by <b>{target}</b>, execution{" "}
        <Link className="mono" href={`/executions/${encodeURIComponent(asked.executionId)}`}>
          {shortId(asked.executionId)}
        </Link>
      </p>
      {asked.kind === "review" && (
        <p>No process saw whether this effect happened. Look for its evidence outside, then say what became of it.</p>
      )}
      <Payload value={payloadToRead(asked.payload)} />
      <Rules asked={asked} />
      {isOpen ? (
        <Answer asked={asked} onDecided={onDecided} />
      ) : (
        <p className="done" role="status">
          <Icon name="check" /> It is decided.
        </p>
      )}
    </article>
  );
}

function headOf({ kind, name, payload }: Asked): string {
  if (kind === "review") return "An effect is in doubt";
  return kind === "blocked" ? `Blocked: ${blockedIn(payload)?.title ?? name}` : sentence(name);
}

function Answer({ asked, onDecided }: Pick<Props, "asked" | "onDecided">) {
  const blocked = blockedIn(asked.payload);
  if (asked.kind === "blocked" && blocked)
    return <BlockedForm executionId={asked.executionId} blocked={blocked} since={asked.askedAt} onDone={onDecided} />;
  if (asked.kind === "review") return <DoubtForm asked={asked} onDecided={onDecided} />;
  return <DecisionForm asked={asked} onDecided={onDecided} />;
}

function Rules({ asked: { approvers, fourEyes, url } }: { readonly asked: Asked }) {
  return (
    <>
      {approvers.length > 0 && <p className="quiet">May decide: {approvers.join(", ")}</p>}
      {fourEyes && <p className="quiet">The person who started the execution may not decide.</p>}
      {url !== undefined && !url.startsWith(`${location.origin}/ui/`) && (
        <p>
          <a href={url} rel="noreferrer" target="_blank">
            Open the page that its program names
          </a>
        </p>
      )}
    </>
  );
}
