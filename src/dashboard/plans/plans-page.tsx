/** The plans, the newest first, beside the one that is looked at. */
import { useCallback } from "react";
import { useLocation } from "wouter";
import type { PlanSummary } from "../../client/plans.ts";
import { useNow } from "../live/now.ts";
import { ListPage } from "../parts/list-page.tsx";
import { SideList } from "../parts/side-list.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { useClient } from "../session/session.tsx";
import { PlanView } from "./plan-view.tsx";
import "../styles/tables.css";
import "../styles/schedules.css";
import "../styles/plans.css";

const MOST = 300;

export function PlansPage({ chosen }: { readonly chosen: string | undefined }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const read = useRead(useCallback((signal: AbortSignal) => upTo(MOST, client.plans.list({ signal })), [client]));
  const gone = () => {
    read.reload();
    navigate("/plans");
  };
  return (
    <ListPage
      title="Plans"
      href="/plans"
      icon="plan"
      read={read}
      isEmpty={({ items }) => items.length === 0}
      none={{
        title: "There are no plans yet",
        words: (
          <>
            A plan says what polling agents are to do: tasks in phases. Store one with <code>POST /api/plans</code>.
          </>
        ),
      }}
      choose={{
        title: "Choose a plan",
        words: "Its phases, tasks and subtasks are shown here, and what changed between its versions.",
      }}
      list={({ items, more }) => <PlanList items={items} more={more} chosen={chosen} />}
      item={chosen !== undefined ? <PlanView key={chosen} id={chosen} onGone={gone} /> : undefined}
    />
  );
}

interface ListProps {
  readonly items: readonly PlanSummary[];
  readonly more: boolean;
  readonly chosen: string | undefined;
}

function PlanList({ items, more, chosen }: ListProps) {
  const now = useNow(10_000);
  return (
    <SideList
      label="Plans"
      items={items}
      hrefOf={({ plan_id: id }) => `/plans/${encodeURIComponent(id)}`}
      chosen={items.find(({ plan_id: id }) => id === chosen)}
      more={more}
    >
      {({ plan_id: id, goal, version, updated_at: at, tasks_total: tasks }) => (
        <>
          <span className="inbox-name">
            <b className="cut">{id}</b>
            <span className="quiet num">
              <Ago at={at} now={now} />
            </span>
          </span>
          <span className="quiet cut">{goal}</span>
          <span className="inbox-name">
            <span>
              {tasks} {tasks === 1 ? "task" : "tasks"}
            </span>
            <span className="quiet">version {version}</span>
          </span>
        </>
      )}
    </SideList>
  );
}
