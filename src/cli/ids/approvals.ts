import type { Client } from "../../client/client.ts";
import type { Approval } from "../../client/directory.ts";
import { findExecution } from "./executions.ts";
import { byPrefix, LATEST, notFound } from "./prefix.ts";

const KIND = { what: "approval", list: "errand approvals list" };
const PAGE = 200;
const MOST_PAGES = 10;
const EVERY = ["pending", "approved", "rejected", "request_changes", "expired", "withdrawn"] as const;

/** The approval that is meant by `latest` (the newest that waits), an id or its first letters, or the execution that waits. */
export async function findApproval(client: Client, given: string, signal: AbortSignal): Promise<Approval> {
  const pending = await approvals(client, { status: ["pending"], signal, most: given === LATEST ? 1 : MOST_PAGES });
  if (given === LATEST) {
    const [newest] = pending;
    if (!newest) throw notFound(given, { ...KIND, what: "approval that waits" });
    return newest;
  }
  if (given.startsWith("gate_")) {
    const open = pending.filter(({ approval_request_id: id }) => id.startsWith(given));
    const known = open.length > 0 ? open : await approvals(client, { status: EVERY, signal, most: MOST_PAGES });
    return named(known, byPrefix(given, known.map(idOf), KIND));
  }
  const { execution_id: id } = await findExecution(client, given, signal);
  const [own, another] = pending.filter(({ execution_id }) => execution_id === id);
  if (!own) throw notFound(`of ${id}`, { ...KIND, what: "approval that waits" });
  return another
    ? named(pending, byPrefix("gate_", pending.filter((one) => one.execution_id === id).map(idOf), KIND))
    : own;
}

const idOf = ({ approval_request_id: id }: Approval): string => id;

function named(known: readonly Approval[], id: string): Approval {
  const found = known.find((one) => idOf(one) === id);
  if (!found) throw notFound(id, KIND);
  return found;
}

interface Asked {
  readonly status: readonly Approval["status"][];
  readonly most: number;
  readonly signal: AbortSignal;
}

async function approvals(client: Client, { status, most, signal }: Asked): Promise<Approval[]> {
  const found: Approval[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < most; page += 1) {
    const { items, next_cursor } = await client.directory.approvals({
      ...{ status, limit: PAGE, signal },
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return found;
}
