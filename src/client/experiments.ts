/** Experiments: the runs of an agent with a manifest, divided among its versions. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { ExperimentRequest } from "../contract/manifests/experiments.ts";
import { ExperimentBody } from "../contract/manifests/experiments.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

/** An experiment with what became of the runs of each version. */
export type Experiment = z.infer<typeof ExperimentBody>;

export class Experiments {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** `target`: `api.designer.run`. Sessions keep the version that falls to them. */
  put(target: string, versions: ExperimentRequest["versions"], { signal }: Abortable = {}): Promise<Experiment> {
    const call = {
      endpoint: ENDPOINTS.putExperiment,
      params: { target },
      body: { versions },
      signal,
      repeatable: true,
    };
    return this.#exchange.call(call, ExperimentBody);
  }

  get(target: string, { signal }: Abortable = {}): Promise<Experiment> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getExperiment, params: { target }, signal }, ExperimentBody);
  }

  /** The current version runs from then on. */
  async delete(target: string, { signal }: Abortable = {}): Promise<void> {
    await this.#exchange.call({ endpoint: ENDPOINTS.deleteExperiment, params: { target }, signal }, z.null());
  }
}
