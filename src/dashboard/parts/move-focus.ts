import type { KeyboardEvent } from "react";

/** The arrow keys go from one item of a list to the next, to its first link or button. */
export function moveFocus(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const item = event.target instanceof Element ? event.target.closest("li") : null;
  const next = event.key === "ArrowDown" ? item?.nextElementSibling : item?.previousElementSibling;
  const link = next?.querySelector<HTMLElement>("a, button");
  if (!link) return;
  event.preventDefault();
  link.focus();
}
