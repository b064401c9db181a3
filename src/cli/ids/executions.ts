import type { Client } from "../../client/client.ts";
import { ProblemError } from "../../client/transport/errors.ts";
import type { Execution } from "../../client/transport/options.ts";
import { byPrefix, LATEST, notFound } from "./prefix.ts";

const KIND = { what: "execution", list: "errand executions list" };
const MOST_CANDIDATES = 200;

/** The execution that is meant by `latest`, an id, or the first letters of one. */
export async function findExecution(client: Client, given: string, signal: AbortSignal): Promise<Execution<unknown>> {
  if (given === LATEST) {
    const { items } = await client.listPage({ limit: 1, signal });
    const [newest] = items;
    if (!newest) throw notFound(given, KIND);
    return client.get(newest.execution_id, { signal });
  }
  return (await ifThere(client.get(given, { signal }))) ?? findByPrefix(client, given, signal);
}

async function findByPrefix(client: Client, given: string, signal: AbortSignal): Promise<Execution<unknown>> {
  const { items } = await client.listPage({ q: given, limit: MOST_CANDIDATES, signal });
  const known = items.map(({ execution_id: id }) => id);
  return client.get(byPrefix(given, known, KIND), { signal });
}

/** Undefined for what is not there; any other refusal is thrown. */
export async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProblemError && (error.status === 404 || error.code === "invalid_id")) return undefined;
    throw error;
  }
}
