import type { IconName } from "../parts/icon.tsx";

/** A page that is one press away from each other page. */
export interface Place {
  readonly to: string;
  readonly icon: IconName;
  readonly words: string;
  /** After `g` it leads there. */
  readonly key: string;
  /** Where pages begin that belong to this one. */
  readonly others?: readonly string[];
}

export const FIRST_PLACES = [
  { to: "/executions", icon: "list", words: "Executions", key: "e", others: ["/runs", "/compare"] },
  { to: "/approvals", icon: "inbox", words: "Approvals", key: "a" },
  { to: "/agents", icon: "agents", words: "Agents", key: "g", others: ["/chat"] },
] as const satisfies readonly Place[];

export const MORE_PLACES = [
  { to: "/plans", icon: "plan", words: "Plans", key: "p" },
  { to: "/manifests", icon: "agents", words: "Manifests", key: "m" },
  { to: "/experiments", icon: "chart", words: "Experiments", key: "x" },
  { to: "/schedules", icon: "clock", words: "Schedules", key: "s" },
  { to: "/sessions", icon: "sessions", words: "Sessions", key: "t" },
  { to: "/memory", icon: "memory", words: "Memory", key: "y" },
  { to: "/webhooks", icon: "link", words: "Webhooks", key: "w" },
  { to: "/metrics", icon: "chart", words: "Metrics", key: "c" },
  { to: "/remote", icon: "agents", words: "Remote agents", key: "r" },
  { to: "/operations", icon: "pulse", words: "Operations", key: "o" },
  { to: "/keys", icon: "key", words: "Keys", key: "k" },
] as const satisfies readonly Place[];

export const PLACES: readonly Place[] = [...FIRST_PLACES, ...MORE_PLACES];
