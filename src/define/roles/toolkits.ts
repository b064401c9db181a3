/** Tools that agents have beside their own, by the id of their toolkit. Read where an agent is defined. */
import { nearest } from "../../domain/values/nearest.ts";
import type { FaultList } from "./definition-error.ts";
import { inWords } from "./definition-error.ts";
import { listOf } from "./list-of.ts";

export type Role = "coordinator" | "planner" | "executor" | "specialist";

const TOOLKITS = ["agents", "plans", "references"] as const;
export type Toolkit = (typeof TOOLKITS)[number];

const DEFAULTS: Readonly<Record<Role, readonly Toolkit[]>> = {
  coordinator: ["agents"],
  planner: ["plans"],
  executor: ["plans", "references"],
  specialist: [],
};

/** The names of the tools of these toolkits, for an agent with these routes. */
export function toolkitTools(toolkits: readonly Toolkit[], role: Role, routes: readonly string[]): readonly string[] {
  const tools: Readonly<Record<Toolkit, readonly string[]>> = {
    agents: routes.map(handOffTool),
    plans: role === "planner" ? ["store_plan", "read_plan"] : ["read_plan"],
    references: ["store_reference", "read_reference"],
  };
  return toolkits.flatMap((toolkit) => tools[toolkit]);
}

/** Names of agents may hold dots, and names of tools may not. */
export function handOffTool(route: string): string {
  return `hand_off_to_${route.replaceAll(".", "_")}`;
}

/** The toolkits as they were given, else those of the role; what is wrong is added to the faults. */
export function readToolkits(given: unknown, role: Role, faults: FaultList): readonly Toolkit[] {
  if (given === undefined) return Object.freeze([...DEFAULTS[role]]);
  const list = listOf(given);
  if (!list) {
    faults.add("invalid_toolkits", "toolkits", `toolkits is ${inWords(given)}: give a list of ids, [] for none`);
    return DEFAULTS[role];
  }
  const read: Toolkit[] = [];
  for (const [at, id] of list.entries()) {
    const toolkit = TOOLKITS.find((one) => one === id);
    const field = `toolkits.${at}`;
    if (toolkit === undefined) faults.add("toolkit_unknown", field, unknownToolkit(id));
    else if (read.includes(toolkit)) faults.add("toolkit_twice", field, `toolkits names "${toolkit}" twice`);
    else if (toolkit === "agents" && role !== "coordinator") {
      const sentence = `toolkits names "agents", which hands work to routes, and only a coordinator has routes`;
      faults.add("invalid_toolkits", field, sentence);
    } else read.push(toolkit);
  }
  if (role === "coordinator" && !read.includes("agents")) {
    const sentence = 'toolkits lacks "agents", with which a coordinator hands work to its routes: add it';
    faults.add("agents_toolkit_missing", "toolkits", sentence);
  }
  return Object.freeze(read);
}

function unknownToolkit(id: unknown): string {
  const meant = typeof id === "string" ? nearest(id, TOOLKITS) : undefined;
  const hint = meant === undefined ? `the toolkits are ${TOOLKITS.join(", ")}` : `did you mean "${meant}"?`;
  return `toolkits names ${inWords(id)}, which is no toolkit: ${hint}`;
}
