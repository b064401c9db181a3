/**
 * The Worker under test with meters on the platform's own methods: for a run of its own, because the meters cost time and
 * nothing is timed with them.
 */
import type { Env } from "../../src/worker.ts";
import worker, {
  ExecutionActor as PlainExecution,
  IntakeActor as PlainIntake,
  LimiterActor as PlainLimiter,
  MemoryActor as PlainMemory,
  ProjectorActor as PlainProjector,
} from "../../src/worker.ts";
import { passADay } from "../support/billing/day.ts";
import { meterCalls, meterObjects, meterRegistry, takeCounted } from "../support/billing/meter.ts";

meterCalls(PlainExecution);
meterCalls(PlainIntake);
meterCalls(PlainLimiter);
meterCalls(PlainProjector);

/** The isolate's clock, moved by whoever lets a day pass; nothing else of the bench runs in this server then. */
const realNow = Date.now;
let offsetMs = 0;
Date.now = () => realNow() + offsetMs;

export class ExecutionActor extends PlainExecution {
  constructor(ctx: DurableObjectState, env: Env) {
    meterObjects(ctx.storage);
    meterRegistry(env.REGISTRY);
    super(ctx, env);
  }

  /** Lets a day pass for this object alone; answers how many alarms went off. */
  async benchDay(): Promise<number> {
    return passADay({
      alarmAt: () => this.ctx.storage.getAlarm(),
      alarm: async () => this.alarm(),
      setNow: (ms) => {
        offsetMs += ms - Date.now();
      },
    });
  }

  /** Bytes that this object keeps on disk. */
  benchBytes(): number {
    return this.ctx.storage.sql.databaseSize;
  }
}
export class MemoryActor extends PlainMemory {}

export class IntakeActor extends PlainIntake {
  constructor(ctx: DurableObjectState, env: Env) {
    meterObjects(ctx.storage);
    super(ctx, env);
  }
}
export class LimiterActor extends PlainLimiter {}
export class ProjectorActor extends PlainProjector {}
export { NodeDirectoryActor, ScheduleActor } from "../../src/worker.ts";

interface Benched {
  benchDay(): Promise<number>;
  benchBytes(): Promise<number>;
}

/** `GET /bench/meter`: what was counted since the last look. `GET /bench/day?object=HEX`, `GET /bench/bytes?object=HEX`. */
export const counted = {
  ...worker,
  fetch: async (request: Request, env: Env, ctx: ExecutionContext) => {
    const { pathname, searchParams } = new URL(request.url);
    const actor = () =>
      env.EXECUTIONS.get(env.EXECUTIONS.idFromString(searchParams.get("object") ?? "")) as unknown as Benched;
    if (pathname === "/bench/meter") return Response.json(takeCounted());
    if (pathname === "/bench/day") return Response.json(await actor().benchDay());
    if (pathname === "/bench/bytes") return Response.json(await actor().benchBytes());
    return worker.fetch(request, env, ctx);
  },
};
