/** Light, dark, or what the system says: an attribute of the document that the styles read. Kept for the next visit. */
import { useState } from "react";

export type Theme = "system" | "light" | "dark";

const STORED = "errand.theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];

export function applyStoredTheme(): void {
  apply(storedTheme());
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return ORDER.find((theme) => theme === stored) ?? "system";
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function useTheme(): { readonly theme: Theme; readonly next: () => void } {
  const [theme, setTheme] = useState(storedTheme);
  const next = () => {
    const chosen = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "system";
    localStorage.setItem(STORED, chosen);
    apply(chosen);
    setTheme(chosen);
  };
  return { theme, next };
}
