/** The list as it is filtered, as a file that the browser keeps. */

import { useState } from "react";
import { Fault } from "../parts/fault.tsx";
import { Menu } from "../parts/menu.tsx";
import { useAct } from "../parts/use-act.ts";
import { count } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import { joinedExport } from "./export.ts";
import type { Filters } from "./filters.ts";
import { listFilterOf } from "./filters.ts";

const FORMATS = [
  { format: "csv", words: "CSV, for a spreadsheet", type: "text/csv" },
  { format: "jsonl", words: "JSON lines, for a program", type: "application/x-ndjson" },
] as const;

export function ExportMenu({ filters }: { readonly filters: Filters }) {
  const { operations } = useClient();
  const { busy, fault, run } = useAct();
  const [said, setSaid] = useState("");
  const save = (format: "csv" | "jsonl", type: string) => async () => {
    const filter = listFilterOf(filters, Date.now());
    const onPage = (records: number) => setSaid(`${count(records)} so far…`);
    const pages = (cursor: string | undefined) =>
      operations.export("executions", { format, filter: { ...filter, ...(cursor === undefined ? {} : { cursor }) } });
    const { text, records, isWhole } = await joinedExport({ format, pages, onPage });
    const href = URL.createObjectURL(new Blob([text], { type }));
    const link = Object.assign(document.createElement("a"), { href, download: `executions.${format}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    setSaid(
      `${count(records)} executions were written${isWhole ? "" : ", the newest ones: narrow the filters for the rest"}.`,
    );
  };
  return (
    <Menu button="Export" label="Export this list">
      {() => (
        <>
          <ul className="menu-list">
            {FORMATS.map(({ format, words, type }) => (
              <li key={format}>
                <button type="button" className="menu-item" disabled={busy} onClick={() => run(save(format, type))}>
                  {words}
                </button>
              </li>
            ))}
          </ul>
          <p className="quiet small" role="status">
            {said}
          </p>
          <Fault said={fault} />
        </>
      )}
    </Menu>
  );
}
