/** Experiments in the deployment's own database. Rows are parsed on the way out. */
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import * as z from "zod";
import type { Experiment } from "../../domain/manifest/experiment.ts";
import { experiments } from "../schema/schema.ts";

const Versions = z.array(z.object({ version: z.string(), weight: z.number() }));

type Named = Pick<Experiment, "tenant" | "target">;

export class ExperimentRows {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  get #db() {
    return drizzle(this.#database);
  }

  async read({ tenant, target }: Named): Promise<Experiment | undefined> {
    const wanted = and(eq(experiments.tenant, tenant), eq(experiments.target, target));
    const [row] = await this.#db.select().from(experiments).where(wanted).limit(1);
    return row && { ...row, versions: Versions.parse(JSON.parse(row.versions)) };
  }

  async write({ tenant, target, versions, sinceMs, updatedBy }: Experiment): Promise<void> {
    const said = { versions: JSON.stringify(versions), sinceMs, updatedBy };
    await this.#db
      .insert(experiments)
      .values({ tenant, target, ...said })
      .onConflictDoUpdate({ target: [experiments.tenant, experiments.target], set: said });
  }

  /** One that is not there is removed already. */
  async remove({ tenant, target }: Named): Promise<void> {
    await this.#db.delete(experiments).where(and(eq(experiments.tenant, tenant), eq(experiments.target, target)));
  }
}
