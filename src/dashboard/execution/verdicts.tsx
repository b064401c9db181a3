import { Icon } from "../parts/icon.tsx";
import { sentence } from "../parts/words.ts";
import type { Judged } from "./verdicts.ts";

export function Verdicts({ verdicts }: { readonly verdicts: readonly Judged[] }) {
  return (
    <ol className="verdicts" aria-label="Attempts">
      {verdicts.map((judged) => (
        <li key={judged.n} className="verdict">
          <h2>
            Attempt {judged.n} <span className="tag">{sentence(judged.outcome)}</span>
          </h2>
          <Judgement judged={judged} />
        </li>
      ))}
    </ol>
  );
}

/** What each validator said of one attempt, and what the next one was told. */
export function Judgement({ judged: { verdicts, outcome, feedback } }: { readonly judged: Judged }) {
  return (
    <>
      {verdicts.length === 0 && outcome !== "under way" && <p className="quiet">No validator judged it.</p>}
      <ul className="plain-list">
        {verdicts.map(({ validator, passed, feedback: said }) => (
          <li key={validator} className="verdict-line" data-passed={passed}>
            <Icon name={passed ? "check" : "close"} size={14} />
            <span className="unseen">{passed ? "passed: " : "rejected: "}</span>
            <span>{validator}</span>
            {said !== undefined && <span className="quiet keep-lines">{said}</span>}
          </li>
        ))}
      </ul>
      {feedback !== undefined && !verdicts.some(({ feedback: said }) => said === feedback) && (
        <blockquote className="keep-lines">{feedback}</blockquote>
      )}
    </>
  );
}
