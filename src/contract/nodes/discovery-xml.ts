/** Discovery as XML, for tools that read nothing else. */
import { iso } from "../wire.ts";
import type { Discovered, FoundAgent, FoundFunction } from "./discovery.ts";

type Attributes = readonly (readonly [name: string, value: string | number])[];

export function discoveryXml({ atMs, totals, agents }: Discovered): string {
  const summary = element(
    "summary",
    [
      ["total_agents", totals.agents],
      ["total_reasoners", totals.reasoners],
      ["total_skills", totals.skills],
    ],
    [],
  );
  const capabilities = element("capabilities", [], agents.map(agentElement));
  const root = element("discovery", [["discovered_at", iso(atMs)]], [summary, capabilities]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

function agentElement(agent: FoundAgent): string {
  const of = (kind: FoundFunction["kind"]) =>
    agent.functions.filter((fn) => fn.kind === kind).map((fn) => functionElement(agent.id, fn));
  return element(
    "agent",
    [
      ["id", agent.id],
      ["group_id", agent.groupId],
      ["base_url", agent.baseUrl],
      ["version", agent.version],
      ["health_status", agent.health],
      ["deployment_type", agent.deployment],
      ["last_heartbeat", iso(agent.lastHeartbeatMs)],
    ],
    [element("reasoners", [], of("reasoner")), element("skills", [], of("skill"))],
  );
}

function functionElement(agentId: string, fn: FoundFunction): string {
  const json = (name: string, value: unknown) =>
    value === undefined ? [] : [textElement(name, JSON.stringify(value))];
  return element(
    fn.kind,
    [
      ["id", fn.id],
      ["target", `${agentId}.${fn.id}`],
    ],
    [
      ...(fn.description ? [textElement("description", fn.description)] : []),
      ...(fn.tags.length > 0
        ? [
            element(
              "tags",
              [],
              fn.tags.map((tag) => textElement("tag", tag)),
            ),
          ]
        : []),
      ...json("input_schema", fn.inputSchema),
      ...json("output_schema", fn.outputSchema),
      ...json("examples", fn.examples),
    ],
  );
}

function element(name: string, attributes: Attributes, children: readonly string[]): string {
  const head = [name, ...attributes.map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(" ");
  return children.length === 0 ? `<${head}/>` : `<${head}>${children.join("")}</${name}>`;
}

function textElement(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&apos;"],
]);

/** XML 1.0 has no form at all for most control characters, halves of pairs and two code points: they are left out. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? "");
}
