/** Lists of definitions that no deployment can serve with, each as the text of an `examples/examples.ts`, and what is said of it. */

export interface WrongList {
  readonly what: string;
  readonly says: string | readonly string[];
  /** `from` is the folder `src`, as an import names it. */
  readonly textFrom: (from: string) => string;
}

const START = (from: string) => `
import * as z from "zod";
import { defineAgent, defineExecution, defineTool, service } from "${from}/define/index.ts";
const agent = (id: string) => defineAgent({ id, description: "Sells tea.", version: "1" });
const execution = (key: string, more: object = {}) =>
  defineExecution({ key, agent: agent(key), name: key, description: "", input: z.object({}), execute: async () => "", ...more });
`;

const list = (what: string, says: string, offered: string): WrongList => ({
  ...{ what, says },
  textFrom: (from) => `${START(from)}
export const examples = { ${offered} };
`,
});

/** Thrown before there is a list at all. */
const declaration = (what: string, says: string, text: string): WrongList => ({
  ...{ what, says },
  textFrom: (from) => `${START(from)}\n${text}\nexport const examples = {};\n`,
});

export const WRONG_LISTS: readonly WrongList[] = [
  list(
    "one key twice",
    'the execution key "job" is used twice: by "job" of job and by "Another" of tea',
    'executions: [execution("job"), { ...execution("tea"), key: "job", name: "Another" }]',
  ),
  list(
    "one agent twice",
    'agent id "tea" is claimed twice: by "Sells tea." (1) and by "Sells tea." (1)',
    'agents: [agent("tea"), agent("tea")]',
  ),
  list(
    "a service that nobody hands in",
    'the tool "pour" of job.job needs the service "kettle", and no service of that name was handed in',
    `executions: [execution("job", { tools: [defineTool({
      name: "pour", description: "", input: z.object({}), services: { kettle: service<unknown>() }, run: async () => 1,
    })] })]`,
  ),
  {
    what: "many faults at once",
    says: [
      "11 faults:",
      '- function "pour" is declared twice',
      '- agent "Tea": ',
      '- execution "tea.Tea": its key ',
      '- tool "pour": its input cannot be described to a model: Date ',
      '- createErrand has no option "definitions": it takes agents, executions, skills, runtimes, manifests, services',
      '- agents[2] is the execution "job": put it into executions',
      '- agent id "tea" is claimed twice: by "Sells tea." (1) and by "Sells tea." (1)',
      '- agent id "job" is claimed twice: by "Sells tea." (1) and by "Sells tea." (1)',
      '- the execution key "job" is used twice: by "job" of job and by "job" of job',
      "- the function tea.drink: its input is no schema: give one of zod",
      '- the tool "boil" of job.job needs the service "kettle", and no service of that name was handed in',
    ],
    textFrom: (from) => `${START(from)}
const put = { input: z.object({}), output: z.unknown() };
const tea = agent("tea").skill("pour", put, async () => 1).skill("pour", put, async () => 2)
  .skill("drink", { ...put, input: {} as never }, async () => 1);
execution("Tea", { agent: tea });
defineTool({ name: "pour", description: "", input: z.object({ at: z.date() }), run: () => 1 });
const boil = defineTool({
  name: "boil", description: "", input: z.object({}), services: { kettle: service<unknown>() }, run: async () => 1,
});
const job = execution("job", { tools: [boil] });
export const examples = { definitions: [], agents: [tea, agent("tea"), job], executions: [job, execution("job")] };
`,
  },
  declaration(
    "a function twice",
    'function "pour" is declared twice',
    `
const put = { input: z.object({}), output: z.unknown() };
agent("tea").skill("pour", put, async () => 1).skill("pour", put, async () => 2);`,
  ),
  declaration(
    "a number that is none",
    'execution "job.job": maxRetries is NaN: give a whole number from 0 to 50',
    `
execution("job", { maxRetries: Number.NaN });`,
  ),
  declaration(
    "a default that throws",
    "the setting TEA_KIND is missing",
    `
const setting = (name: string): string => {
  throw new Error(\`the setting \${name} is missing\`);
};
execution("job", { input: z.object({ kind: z.string().default(setting("TEA_KIND")) }) });`,
  ),
  declaration(
    "a mistake in its code",
    "a definition cannot be declared: TypeError: ",
    `
(undefined as unknown as { of(name: string): void }).of("tea");`,
  ),
];
