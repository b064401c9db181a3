import { useMemo } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { Loading, Notice } from "../parts/notice.tsx";
import { useTitle } from "../shell/title.ts";
import { BulkMenu } from "./bulk-menu.tsx";
import { ExecutionRows } from "./execution-rows.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { FilterBar } from "./filter-bar.tsx";
import type { Filters } from "./filters.ts";
import { filtersIn, isFiltered, NO_FILTERS, searchOf } from "./filters.ts";
import { useExecutions } from "./use-executions.ts";
import { ViewsMenu } from "./views-menu.tsx";

export function ExecutionsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filters = useMemo(() => filtersIn(search), [search]);
  const listed = useExecutions(filters);
  useTitle("Executions");
  const change = (changed: Filters) => navigate(`/executions${searchOf(changed)}`, { replace: true });
  const { rows, fault } = listed;
  return (
    <div className="page list-page">
      <header className="page-head">
        <h1>Executions</h1>
        <span className="head-end">
          <ViewsMenu filters={filters} />
          <BulkMenu filters={filters} />
          <ExportMenu filters={filters} />
          <Link className="button primary" href="/agents">
            Start one
          </Link>
        </span>
      </header>
      <FilterBar filters={filters} onChange={change} rows={rows} isWhole={listed.isWhole} />
      {fault !== undefined && rows === undefined ? (
        <Notice icon="alert" title="The list cannot be read" role="alert">
          {fault}
        </Notice>
      ) : rows === undefined ? (
        <Loading rows={12} label="Executions are being loaded" />
      ) : rows.length === 0 ? (
        <Empty filtered={isFiltered(filters)} onClear={() => change(NO_FILTERS)} />
      ) : (
        <ExecutionRows rows={rows} onEnd={listed.loadMore} />
      )}
    </div>
  );
}

function Empty({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  if (filtered)
    return (
      <Notice icon="search" title="No execution fits these filters">
        <button type="button" className="button" onClick={onClear}>
          Show all
        </button>
      </Notice>
    );
  return (
    <Notice icon="list" title="Nothing has run yet">
      <p>Executions appear here the moment they are accepted, and move while you watch.</p>
      <Link className="button primary" href="/agents">
        Start the first one
      </Link>
    </Notice>
  );
}
