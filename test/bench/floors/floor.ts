import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly FLOORS: DurableObjectNamespace;
  readonly LEDGER_SERVICE_URL: string;
}

interface FloorRpc {
  insert(body: string): Promise<number>;
  insertAndCall(body: string, times: number): Promise<number>;
}

/** One table, one insert, no schema of its own before the first write. */
export class Floor extends DurableObject<Env> {
  #made = false;

  insert(body: string): number {
    this.#make();
    this.ctx.storage.sql.exec("INSERT INTO log (body) VALUES (?)", body);
    return this.ctx.storage.sql.databaseSize;
  }

  /** What a careful hand would write for effects: note it, sync, call; and so for each. */
  async insertAndCall(body: string, times: number): Promise<number> {
    this.#make();
    for (let index = 0; index < times; index += 1) {
      this.ctx.storage.sql.exec("INSERT INTO log (body) VALUES (?)", body);
      await this.ctx.storage.sync();
      const answer = await fetch(new URL("/count", this.env.LEDGER_SERVICE_URL), {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": `${this.ctx.id}:${index}` },
        body: JSON.stringify({ index }),
      });
      await answer.json();
    }
    return times;
  }

  #make(): void {
    if (this.#made) return;
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
    this.#made = true;
  }
}

/** `/new` (b): a new object and one insert. `/one?NAME` (c): one insert in the object of that name. `/calls`: ten and ten calls. `/forward`: the request goes on, and its answer back. */
export const router: ExportedHandler<Env> = {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/forward") {
      const body = await request.text();
      return fetch(new URL("/reasoners/echo", env.LEDGER_SERVICE_URL), { method: "POST", body });
    }
    const id = pathname === "/one" ? env.FLOORS.idFromName(search) : env.FLOORS.newUniqueId();
    const floor = env.FLOORS.get(id) as unknown as FloorRpc;
    const body = await request.text();
    const answer = pathname === "/calls" ? await floor.insertAndCall(body, 10) : await floor.insert(body);
    return Response.json({ id: id.toString(), answer });
  },
};
