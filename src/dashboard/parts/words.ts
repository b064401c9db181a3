/** Times, amounts and statuses as people read them. Pure. */
import type { Status } from "../../domain/execution/status.ts";

/** `840 ms`, `3.2 s`, `4 m 05 s`, `2 h 10 m`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** `just now`, `4 m ago`, `in 3 h`; at most a minute off. */
export function relative(atMs: number, nowMs: number): string {
  const away = Math.abs(nowMs - atMs);
  if (away < 10_000) return "just now";
  const rough =
    away < 60_000
      ? `${Math.round(away / 1_000)} s`
      : away < 3_600_000
        ? `${Math.round(away / 60_000)} m`
        : away < 129_600_000
          ? `${Math.round(away / 3_600_000)} h`
          : `${Math.round(away / 86_400_000)} d`;
  return atMs > nowMs ? `in ${rough}` : `${rough} ago`;
}

/** `12`, `1.2k`, `3.4M`. */
export function count(n: number): string {
  if (n < 1_000) return String(n);
  if (n < 999_500) return `${trimmed(n / 1_000)}k`;
  return `${trimmed(n / 1_000_000)}M`;
}

const trimmed = (n: number) => (n < 10 ? n.toFixed(1).replace(/\.0$/, "") : String(Math.round(n)));

/** `$0.00` for nothing; small amounts keep two digits that say something. */
export function dollars(usd: number): string {
  if (usd === 0) return "$0.00";
  if (usd >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toPrecision(2)}`;
}

const WORDS: Readonly<{ [S in Status]: string }> = {
  pending: "Pending",
  queued: "Queued",
  running: "Running",
  waiting: "Waiting",
  blocked: "Blocked",
  paused: "Paused",
  succeeded: "Succeeded",
  failed: "Failed",
  cancelled: "Cancelled",
  timeout: "Timed out",
};

export function statusWord(status: Status): string {
  return WORDS[status];
}

/** `exec_AQDH…JwiV`: enough to tell ids apart. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 10)}…${id.slice(-4)}`;
}

/** The first letter large, `_` as a space. */
export function sentence(text: string): string {
  const plain = text.replaceAll("_", " ");
  return capital(plain);
}

/** A text as the first of its line. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
