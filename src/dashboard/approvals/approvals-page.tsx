/** Everything that waits for a person, over all executions, beside the one that is looked at. */
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import type { Approval } from "../../client/directory.ts";
import { useInbox } from "../live/inbox.tsx";
import { useNow } from "../live/now.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { SideList } from "../parts/side-list.tsx";
import { Ago } from "../parts/when.tsx";
import { sentence } from "../parts/words.ts";
import { useTitle } from "../shell/title.ts";
import { ApprovalView } from "./approval-view.tsx";
import { ClosedApproval } from "./closed-approval.tsx";
import { Expiry } from "./expiry.tsx";
import { askedInInbox, blockedIn, briefOf } from "./question.ts";

export function ApprovalsPage({ chosen }: { readonly chosen: string | undefined }) {
  const { items, fault, more } = useInbox();
  const [, navigate] = useLocation();
  // One that is decided while it is looked at stays in sight until another is chosen.
  const [shown, setShown] = useState<Approval>();
  const found = items?.find(({ approval_request_id: id }) => id === chosen);
  useEffect(() => {
    if (found) setShown(found);
  }, [found]);
  const first = items?.[0];
  useTitle("Approvals");
  const current = chosen === undefined ? first : (found ?? (shown?.approval_request_id === chosen ? shown : undefined));
  const next = items?.find((item) => item.approval_request_id !== current?.approval_request_id);
  const goOn = () => navigate(next ? pathOf(next) : "/approvals", { replace: true });
  return (
    <div className="page inbox-page" data-chosen={chosen !== undefined}>
      <header className="page-head">
        <h1>Approvals</h1>
        <span className="quiet num">
          {items && items.length > 0 ? `${items.length}${more ? "+" : ""} waiting` : ""}
        </span>
      </header>
      {fault !== undefined && items === undefined ? (
        <Notice icon="alert" title="The inbox cannot be read" role="alert">
          {fault}
        </Notice>
      ) : items === undefined ? (
        <Loading rows={6} label="Approvals are being loaded" />
      ) : items.length === 0 && current === undefined && chosen === undefined ? (
        <Notice icon="check" title="Nothing waits for you">
          When a program asks for a decision, it appears here at once.
        </Notice>
      ) : (
        <div className="inbox">
          <InboxList items={items} chosen={current} />
          {current ? (
            <ApprovalView
              key={current.approval_request_id}
              asked={askedInInbox(current)}
              target={current.target}
              isOpen={items.includes(current)}
              onDecided={goOn}
            />
          ) : (
            <ClosedApproval key={chosen} id={chosen ?? ""} />
          )}
        </div>
      )}
    </div>
  );
}

function nameOf({ type, name, payload }: Approval): string {
  if (type !== "review") return sentence(name);
  const blocked = blockedIn(payload);
  return blocked ? `Blocked: ${blocked.title}` : "Effect in doubt";
}

function pathOf({ approval_request_id: id }: Approval): string {
  return `/approvals/${encodeURIComponent(id)}`;
}

interface ListProps {
  readonly items: readonly Approval[];
  readonly chosen: Approval | undefined;
}

function InboxList({ items, chosen }: ListProps) {
  const now = useNow(1_000);
  return (
    <SideList label="Waiting approvals" items={items} hrefOf={pathOf} chosen={chosen}>
      {(item) => (
        <>
          <span className="inbox-name">
            <b>{nameOf(item)}</b>
            {item.requested_at !== undefined && (
              <span className="quiet num">
                <Ago at={item.requested_at} now={now} />
              </span>
            )}
          </span>
          <span className="inbox-brief">{briefOf(item.payload)}</span>
          <span className="quiet">{item.target}</span>
          {item.expires_at !== undefined && <Expiry at={item.expires_at} now={now} brief />}
        </>
      )}
    </SideList>
  );
}
