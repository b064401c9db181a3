import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";

/** What of an execution's page is in its address: a link to it shows the same. */
export interface View {
  /** The seq of the time cursor; undefined: live. */
  readonly at: number | undefined;
  readonly tab: string;
  /** The key of the span that is looked at. */
  readonly span: string | undefined;
}

const SEQ = /^[1-9]\d{0,8}$/;

function viewIn(search: string): View {
  const given = new URLSearchParams(search);
  const at = given.get("at") ?? "";
  return {
    at: SEQ.test(at) ? Number(at) : undefined,
    tab: given.get("tab") ?? "",
    span: given.get("span") ?? undefined,
  };
}

function searchOfView({ at, tab, span }: View): string {
  const query = new URLSearchParams();
  if (tab !== "") query.set("tab", tab);
  if (span !== undefined) query.set("span", span);
  if (at !== undefined) query.set("at", String(at));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

export function useView(id: string): [View, (changed: Partial<View>) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => viewIn(search), [search]);
  const change = (changed: Partial<View>) =>
    navigate(`/executions/${encodeURIComponent(id)}${searchOfView({ ...view, ...changed })}`, { replace: true });
  return [view, change];
}
