/** What it used, beside what it may use: time, turns, tokens, cost. At the cursor's instant. */
import type { Amount } from "../../domain/execution/budget.ts";
import { NOTHING } from "../../domain/execution/budget.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { useNow } from "../live/now.ts";
import { count, dollars, duration } from "../parts/words.ts";
import type { Shown } from "./shown.ts";

export function Facts({ shown }: { readonly shown: Shown }) {
  const { state, trace, status, at } = shown;
  const moving = at === undefined && !isTerminal(status);
  const now = useNow(1_000, moving);
  const spent = state?.spent ?? spentOf(shown);
  const reserved = state?.reserved ?? NOTHING;
  const limits = state?.limits ?? {};
  const [created, ended] = [Date.parse(shown.body.created_at), shown.body.finished_at];
  const lastMs = trace.lastMs === 0 ? Date.parse(ended ?? shown.body.created_at) : trace.lastMs;
  const elapsed = Math.max(0, (moving ? now : lastMs) - created);
  return (
    <dl className="facts">
      <Fact name="Elapsed" value={duration(elapsed)} more={queueDelay(shown)} />
      <Fact
        name="Turns"
        value={count(spent.turns)}
        bar={{ spent: spent.turns, reserved: reserved.turns, limit: limits.maxTurns }}
      />
      <Fact
        name="Tokens"
        value={count(spent.tokens)}
        more={tokensInWords(spent)}
        bar={{ spent: spent.tokens, reserved: reserved.tokens, limit: limits.maxTokens }}
      />
      <Fact
        name="Cost"
        value={dollars(spent.costUsd)}
        bar={{ spent: spent.costUsd, reserved: reserved.costUsd, limit: limits.maxCostUsd, words: dollars }}
      />
      <Fact name="Recoveries" value={String(state?.recoveries ?? shown.body.recoveries)} more="restarts it survived" />
      <Fact name="Events" value={count(state?.seq ?? shown.body.seq)} />
    </dl>
  );
}

function spentOf({ body: { usage } }: Shown): Amount {
  const { turns, tokens, cost_usd: costUsd, input_tokens: inputTokens, output_tokens: outputTokens } = usage;
  return { turns, tokens, costUsd, children: 0, inputTokens, outputTokens };
}

function queueDelay({ trace, body }: Shown): string {
  const began = trace.phases.find(({ status }) => status !== "queued");
  const delay = began ? began.startMs - Date.parse(body.created_at) : 0;
  return began ? `queued ${duration(delay)}` : "";
}

function tokensInWords({ inputTokens = 0, outputTokens = 0 }: Amount): string {
  return inputTokens + outputTokens === 0 ? "" : `${count(inputTokens)} in, ${count(outputTokens)} out`;
}

interface Bar {
  readonly spent: number;
  readonly reserved: number;
  readonly limit: number | undefined;
  readonly words?: (n: number) => string;
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly more?: string;
  readonly bar?: Bar;
}

function Fact({ name, value, more = "", bar }: FactProps) {
  const limited = bar?.limit !== undefined;
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        <span className="fact-value num">{value}</span>
        <span className="fact-more quiet num">{limited && bar ? leftInWords(bar) : more}</span>
        {limited && bar && <BudgetBar {...bar} />}
      </dd>
    </div>
  );
}

function leftInWords({ spent, reserved, limit = 0, words = count }: Bar): string {
  const held = reserved > 0 ? `, ${words(reserved)} reserved` : "";
  return `of ${words(limit)}${held}, ${words(Math.max(0, limit - spent - reserved))} left`;
}

function BudgetBar({ spent, reserved, limit = 1 }: Bar) {
  const share = (n: number) => `${Math.min(100, (100 * n) / Math.max(limit, Number.EPSILON))}%`;
  return (
    <span className="budget" aria-hidden="true">
      <span className="budget-spent" style={{ width: share(spent) }} />
      <span className="budget-reserved" style={{ width: share(reserved) }} />
    </span>
  );
}
