/**
 * `errand/api`: the agents `api.designer`, `api.analyzer` and `api.generator` with their skills. A Worker has them by
 * `createErrand<ApiEnv>({ ...apiAgents, … })`; skills, manifests and services of its own stand beside those of `apiAgents`.
 */
import { apiCompatibility } from "./compatibility.ts";
import { apiDefine } from "./define.ts";
import { linterAt } from "./linter.ts";
import { apiManifests } from "./manifests.ts";
import { apiGenerateModels } from "./models.ts";
import { apiValidate } from "./validate.ts";

export interface ApiEnv {
  /** The linter of `api.validate`. `errand dev` starts one where package.json names `errand/api/dev`. */
  readonly API_LINTER_URL?: string;
}

export const apiAgents = {
  skills: [apiDefine, apiValidate, apiGenerateModels, apiCompatibility],
  manifests: apiManifests,
  services: ({ API_LINTER_URL }: ApiEnv) => ({ linter: linterAt(API_LINTER_URL) }),
};
