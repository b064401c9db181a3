/** Functions of nodes as skills: what a manifest calls `call:node.function`, as the node has registered it. */
import { AgentBody } from "../../contract/replies.ts";
import type { KnownSkill, SkillLibrary } from "../../define/manifest/briefing.ts";
import { calledFunction, targetOf } from "../../define/manifest/briefing.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { parseTarget } from "../../domain/execution/target.ts";
import type { Json } from "../../domain/values/json.ts";
import { mapBounded } from "../bounded.ts";
import type { RemoteAgents } from "./remote-agents.ts";

interface Needs {
  readonly library: SkillLibrary;
  readonly remote: Pick<RemoteAgents, "one">;
}

/** Skills of nodes that are there for this caller; what the code has is not asked for. */
export async function nodeSkills(
  { library, remote }: Needs,
  caller: Principal,
  names: readonly string[],
): Promise<KnownSkill[]> {
  const called = names.flatMap((name) => {
    const target = parseTarget(targetOf(name) ?? "");
    return target && !calledFunction(library, name) ? [{ name, ...target }] : [];
  });
  const nodes = [...new Set(called.map(({ agent }) => agent))];
  const found = await mapBounded(nodes, async (id) => {
    const body = await remote.one(caller, id);
    return body?.ok ? AgentBody.safeParse(body.value).data : undefined;
  });
  return called.flatMap(({ name, agent, fn }): KnownSkill[] => {
    const body = found.find((one) => one?.agent_id === agent);
    const offered = body?.functions.find((one) => one.name === fn);
    if (!body || !offered) return [];
    const { description, input_schema, output_schema } = offered;
    return [
      {
        ...{ name, description: description || fn, version: body.version, status: "active" },
        inputSchema: input_schema as Json | undefined,
        outputSchema: output_schema as Json | undefined,
      },
    ];
  });
}
