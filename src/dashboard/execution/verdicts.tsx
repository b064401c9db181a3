import { Icon } from "../parts/icon.tsx";
import { sentence } from "../parts/words.ts";
import type { Judged } from "./verdicts.ts";

export function Verdicts({ verdicts }: { readonly verdicts: readonly Judged[] }) {
  return (
    <ol className="verdicts" aria-label="Attempts">
      {verdicts.map(({ n, outcome, verdicts: all, feedback }) => (
        <li key={n} className="verdict">
          <h2>
            Attempt {n} <span className="tag">{sentence(outcome)}</span>
          </h2>
          {all.length === 0 && outcome !== "under way" && <p className="quiet">No validator judged it.</p>}
          <ul className="plain-list">
            {all.map(({ validator, passed, feedback: said }) => (
              <li key={validator} className="verdict-line" data-passed={passed}>
                <Icon name={passed ? "check" : "close"} size={14} />
                <span className="unseen">{passed ? "passed: " : "rejected: "}</span>
                <span>{validator}</span>
                {said !== undefined && <span className="quiet keep-lines">{said}</span>}
              </li>
            ))}
          </ul>
          {feedback !== undefined && <blockquote className="keep-lines">{feedback}</blockquote>}
        </li>
      ))}
    </ol>
  );
}
