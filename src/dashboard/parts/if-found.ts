import { ProblemError } from "../../client/transport/errors.ts";

/** What was asked for; undefined where the server says that it is not found. Other refusals are thrown. */
export async function ifFound<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return undefined;
    throw error;
  }
}
