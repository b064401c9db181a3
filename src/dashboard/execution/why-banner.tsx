/** One sentence why it waits and who can unblock it, with the means to do so. */

import { Link } from "wouter";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Why } from "../../domain/read-models/why.ts";
import { DecisionForm } from "../approvals/decision-form.tsx";
import { DoubtForm } from "../approvals/doubt-form.tsx";
import { Payload } from "../approvals/payload.tsx";
import { askedInLog, payloadToRead, reviewKind } from "../approvals/question.ts";
import { useNow } from "../live/now.ts";
import type { IconName } from "../parts/icon.tsx";
import { Icon } from "../parts/icon.tsx";
import { When } from "../parts/when.tsx";
import { capital, shortId } from "../parts/words.ts";
import { Evidence } from "./evidence.tsx";
import type { Question } from "./open-questions.ts";
import type { Shown } from "./shown.ts";
import { whyOf } from "./shown.ts";
import { UnconfirmedChildren } from "./unconfirmed.tsx";

const OWNERS: Readonly<{ [O in Why["owner"]]: { readonly icon: IconName; readonly words: string } }> = {
  engine: { icon: "play", words: "The engine goes on by itself" },
  clock: { icon: "clock", words: "Time unblocks it" },
  person: { icon: "person", words: "A person unblocks it" },
  child: { icon: "list", words: "A child execution unblocks it" },
  node: { icon: "agents", words: "The remote agent that works at it unblocks it" },
  agent: { icon: "agents", words: "Its agents poll" },
  caller: { icon: "link", words: "A signal from outside unblocks it" },
  operator: { icon: "person", words: "An operator unblocks it" },
};

export function WhyBanner({ shown }: { readonly shown: Shown }) {
  const why = whyOf(shown);
  const now = useNow(1_000, why !== undefined);
  if (isTerminal(shown.status)) return <Outcome shown={shown} />;
  if (!why) return null;
  const { icon, words } = OWNERS[why.owner];
  const live = shown.at === undefined;
  return (
    <section className="why" data-owner={why.owner} aria-label="Why it has not ended">
      <p className="why-line">
        <Icon name={icon} />
        <span>
          <b>{wordsOf(why, shown)}.</b> <span className="quiet">{words}</span>
          {why.nextWakeAtMs !== undefined && why.owner !== "person" && (
            <span className="quiet">
              {" · "}next timer <When at={new Date(why.nextWakeAtMs).toISOString()} now={now} />
            </span>
          )}
        </span>
      </p>
      {live && shown.body.queue && <p className="quiet">{placeInWords(shown.body.queue)}</p>}
      {live &&
        shown.questions
          // A blocked subtask has its form in the plan below.
          .filter(({ opened }) => opened.kind !== "review" || reviewKind(opened.payload) === "review")
          .map((question) => <Ask key={question.opened.gateId} shown={shown} question={question} />)}
      {live && why.owner === "child" && <OpenChildren shown={shown} />}
    </section>
  );
}

function placeInWords({ position, depth, aside }: NonNullable<Shown["body"]["queue"]>): string {
  return `Place ${position} of ${depth} in the queue${aside === undefined ? "" : `; it stands aside: ${aside}`}.`;
}

/** The server's sentence; an approval is called by its name, because its id says nothing to a person. */
function wordsOf({ sentence: said }: Why, { questions }: Shown): string {
  const [first] = questions;
  const named = first ? said.replace(/the approval \S+$/, `“${first.opened.name}”`) : said;
  return capital(named);
}

function Ask({ shown, question }: { readonly shown: Shown; readonly question: Question }) {
  const asked = askedInLog(shown.body.execution_id, question);
  return (
    <article className="ask" aria-label={asked.name}>
      <Payload value={payloadToRead(asked.payload)} />
      {asked.kind === "review" && <Evidence shown={shown} question={question} />}
      {asked.kind === "review" ? <DoubtForm asked={asked} /> : <DecisionForm asked={asked} />}
    </article>
  );
}

function OpenChildren({ shown }: { readonly shown: Shown }) {
  const open = shown.trace.spans.filter(({ childId, endMs }) => childId !== undefined && endMs === undefined);
  return (
    <ul className="why-children">
      {open.map(({ childId = "", label }) => (
        <li key={childId}>
          <Link href={`/executions/${encodeURIComponent(childId)}`}>
            {label} <span className="mono quiet">{shortId(childId)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** How it ended, where that needs words. */
function Outcome({ shown: { body, state, status, at, log } }: { readonly shown: Shown }) {
  if (status === "succeeded") return null;
  const message = at === undefined ? (body.error_message ?? state?.errorMessage) : state?.errorMessage;
  const reason = (at === undefined ? body.status_reason : undefined) ?? state?.reason;
  const code = body.failure_code ?? state?.errorCode;
  return (
    <section className="why" data-owner={status} aria-label="How it ended">
      <p className="why-line">
        <Icon name={status === "cancelled" ? "stop" : "alert"} />
        <span>
          <b className="keep-lines">{message ?? capital((reason ?? status).replaceAll("_", " "))}</b>{" "}
          {code !== undefined && status === "failed" && <code className="tag">{code}</code>}
        </span>
      </p>
      {status === "cancelled" && at === undefined && <UnconfirmedChildren events={log.upTo(undefined).events} />}
    </section>
  );
}
