/**
 * A database whose failures are told apart from all others: what it rejects with is an `IndexUnavailable`. The router answers
 * it with 503, and readers that have another way take that one.
 */
class IndexUnavailable extends Error {
  constructor(cause: unknown) {
    super(`the index did not answer: ${String(cause)}`, { cause });
    this.name = "IndexUnavailable";
  }
}

const READS = ["all", "run", "first", "raw"] as const;

async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new IndexUnavailable(error);
  }
}

const wrapped = new WeakMap<D1Database, D1Database>();
/** The statement of the platform behind one of ours, which `batch` needs. */
const originals = new WeakMap<D1PreparedStatement, () => D1PreparedStatement>();

/** The same database for every call with the same argument. */
export function answering(database: D1Database): D1Database {
  const known = wrapped.get(database);
  if (known) return known;
  const own = {
    prepare: (sql: string) => statementOf(() => database.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) =>
      told(() => database.batch(statements.map((statement) => originals.get(statement)?.() ?? statement))),
    exec: (sql: string) => told(() => database.exec(sql)),
    // A session of the platform: its reads are wrapped by who begins it.
    ...(typeof database.withSession === "function"
      ? { withSession: (constraint?: string) => database.withSession(constraint) }
      : {}),
  } as unknown as D1Database;
  wrapped.set(database, own);
  return own;
}

/** The platform's statement is made when it is run: a database that is away may refuse even to prepare one. */
function statementOf(make: () => D1PreparedStatement): D1PreparedStatement {
  const methods = READS.map((name) => {
    const run = (...args: unknown[]) => told(async () => Reflect.apply(make()[name], make(), args));
    return [name, run] as const;
  });
  const statement = {
    ...Object.fromEntries(methods),
    bind: (...values: unknown[]) => statementOf(() => make().bind(...values)),
  } as unknown as D1PreparedStatement;
  originals.set(statement, make);
  return statement;
}
