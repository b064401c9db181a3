import { DOMAIN_MUTATIONS } from "./domain-mutations.ts";
import { ENGINE_MUTATIONS } from "./engine-mutations.ts";
import type { Mutation } from "./mutation.ts";

export const MUTATIONS: readonly Mutation[] = [...ENGINE_MUTATIONS, ...DOMAIN_MUTATIONS];
