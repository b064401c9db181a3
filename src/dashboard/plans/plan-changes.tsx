import type { Plan } from "../../client/plans.ts";
import { sentence } from "../parts/words.ts";
import type { Changed } from "./plan-difference.ts";
import { planDifference } from "./plan-difference.ts";

/** What came, went and changed between two versions. */
export function PlanChanges({ before, after }: { readonly before: Plan; readonly after: Plan }) {
  const { fields, tasks, subtasks } = planDifference(before, after);
  const isAlike = fields.length + tasks.length + subtasks.length === 0;
  return (
    <section className="block" aria-label="What changed">
      <h3>
        From version {before.version} to {after.version}
      </h3>
      {isAlike && <p className="quiet">They say the same.</p>}
      {fields.length > 0 && <p>Of the plan itself: {fields.map(sentence).join(", ")}.</p>}
      <ChangedList title="Tasks" changed={tasks} />
      <ChangedList title="Subtasks" changed={subtasks} />
    </section>
  );
}

const SIGNS = { added: "+", removed: "−", changed: "~" } as const;

function ChangedList({ title, changed }: { readonly title: string; readonly changed: readonly Changed[] }) {
  if (changed.length === 0) return null;
  return (
    <ul className="plan-changes" aria-label={title}>
      {changed.map(({ id, title: name, how, fields }) => (
        <li key={`${how} ${id}`} data-how={how}>
          <span className="mono" aria-hidden="true">
            {SIGNS[how]}
          </span>
          <span className="long">
            <span className="unseen">{how}: </span>
            {name} <span className="mono quiet">{id}</span>
            {fields.length > 0 && (
              <span className="quiet"> {fields.map((field) => field.replaceAll("_", " ")).join(", ")}</span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
