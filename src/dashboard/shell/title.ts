import { useEffect } from "react";

let page = "";
let pending = 0;

function show(): void {
  document.title = `${pending > 0 ? `(${pending}) ` : ""}${page === "" ? "Errand" : `${page} · Errand`}`;
}

/** The name of the page in the title bar, behind the count of approvals that wait. */
export function useTitle(title: string): void {
  useEffect(() => {
    page = title;
    show();
  }, [title]);
}

export function usePendingInTitle(count: number): void {
  useEffect(() => {
    pending = count;
    show();
  }, [count]);
}
