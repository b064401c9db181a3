/** Wires the export of traces: where the collector is, and the way to the logs. */
import { log } from "../actors/platform/log.ts";
import { parseOtlpHeaders } from "../domain/values/otlp-headers.ts";
import { ExecutionLogs } from "../operations/executions/execution-logs.ts";
import { TraceExport } from "../operations/sweep/trace-export.ts";
import { dueTraces, settleTraces } from "../registry/projection/due-traces.ts";
import { tenantsWithExecutions } from "../registry/projection/expired.ts";
import { hexDigest } from "../vault/digest.ts";
import type { Env } from "./environment/env.ts";
import { outboundOf } from "./environment/outbound.ts";
import { registriesOf } from "./environment/registries.ts";
import { executionClientOf } from "./execution-ids.ts";

type Settings = Pick<Env, "ERRAND_OTLP_ENDPOINT" | "ERRAND_OTLP_HEADERS">;

/** Whether ends are marked for a collector. */
export function sendsTraces({ ERRAND_OTLP_ENDPOINT }: Settings): boolean {
  return !!ERRAND_OTLP_ENDPOINT?.trim();
}

/** What the cron handler does each minute where a collector is configured. */
export async function sweepTraces(env: Env): Promise<void> {
  if (!sendsTraces(env)) return;
  const registries = registriesOf(env);
  const registry = { byId: async () => [] };
  const logs = new ExecutionLogs({ client: executionClientOf(env), registry, hash: hexDigest });
  const base = (env.ERRAND_OTLP_ENDPOINT ?? "").trim().replace(/\/+$/, "");
  const exporter = new TraceExport({
    tenants: async () => {
      const found = await Promise.all(registries.all.map(([, database]) => tenantsWithExecutions(database)));
      return [...new Set(found.flat())];
    },
    due: async (tenant, limit) => dueTraces(await registries.of(tenant), tenant, limit),
    settle: async (tenant, sent) => settleTraces(await registries.of(tenant), tenant, sent),
    spans: (caller, id) => logs.spans(caller, id),
    post: outboundOf(env),
    collector: { url: `${base}/v1/traces`, headers: parseOtlpHeaders(env.ERRAND_OTLP_HEADERS) },
    now: () => Date.now(),
    log,
  });
  await exporter.sweep();
}
