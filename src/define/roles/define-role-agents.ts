/**
 * Defines agents with a role. Everything that can be known of an agent alone is checked here; `defineRuntime` checks what
 * agents say of each other. Each function throws one `DefinitionError` with all faults of its agent, or a `TypeError` when the
 * prompt is neither a text nor of `layeredPrompt`.
 */
import { declared } from "../declared.ts";
import { readRoleAgent } from "./read-role-agent.ts";
import type {
  Coordinator,
  CoordinatorOptions,
  Executor,
  PlanAgentOptions,
  Planner,
  RoleAgent,
  RoleAgentOptions,
  Specialist,
} from "./role-agent.ts";
import { roleAgent } from "./role-agent.ts";
import { standIn } from "./stand-ins.ts";
import type { Role } from "./toolkits.ts";

/** Talks with people, keeps the conversation, and hands work to the agents of its routes. Toolkits: `agents`. */
export function defineCoordinator(options: CoordinatorOptions): Coordinator {
  return defined("coordinator", options);
}

/** Writes plans of one definition. Toolkits: `plans`. */
export function definePlanner(options: PlanAgentOptions): Planner {
  return defined("planner", options);
}

/** Carries out approved plans of one definition. Toolkits: `plans`, `references`. */
export function defineExecutor(options: PlanAgentOptions): Executor {
  return defined("executor", options);
}

/** Does one kind of work, without routes and without a plan. No toolkits. */
export function defineSpecialist(options: RoleAgentOptions): Specialist {
  return defined("specialist", options);
}

function defined<R extends Role>(role: R, options: RoleAgentOptions): Extract<RoleAgent, { readonly role: R }> {
  const agent = declared(
    () => {
      const { agent: read, faults } = readRoleAgent(role, options);
      faults.throwAny();
      return read;
    },
    () => standIn(readRoleAgent(role, options).agent),
  );
  return roleAgent(agent) as Extract<RoleAgent, { readonly role: R }>;
}
