/** Examples of agents with a manifest, and of skills. */
import type { Examples } from "./example.ts";
import { CREATED_AT, DIGEST, EXECUTION_ID, LATER, NO_USAGE, RUN_ID } from "./example.ts";

const manifest = {
  name: "notes.keeper",
  version: "0.1.0",
  description: "Keeps notes of meetings.",
  capabilities: ["Write down what was decided"],
  skills_available: ["notes.write"],
  reasoning_mode: "oneshot",
};
const { name, version, description, reasoning_mode } = manifest;
const input_schema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
const skill = { name: "notes.write", description: "Writes a note down.", version: "1.0.0", status: "active" };

const agent = { name, version, description, reasoning_mode, status: "active" };
const task_context = "Write down that tea is at four";
const plan = {
  analysis: "One note is to be written.",
  skills_to_invoke: [{ skill: skill.name, purpose: "Write it", inputs: { text: "Tea at four" }, order: 1 }],
  reasoning: "One skill does it.",
};
const ran = { skill: skill.name, purpose: "Write it", status: "success", timestamp: LATER, output: { written: true } };
const counts = { skills_planned: 1, skills_executed: 1, skills_failed: 0, skills_skipped: 0, success: true };
const url = `http://localhost:8787/api/v1/executions/${EXECUTION_ID}`;
const result = {
  ...{ ok: true, status: "success", timestamp: LATER, errors: [], execution_id: EXECUTION_ID, run_id: RUN_ID },
  details: {
    ...{ timestamp: CREATED_AT, agent, task_context, prompt: "You are notes.keeper, a specialized agent.…" },
    ...{ prompt_hash: DIGEST, skills_available: [skill], missing_skills: [], missing_context: [], warnings: [] },
    ...{ claude_response: plan, execution_results: [ran] },
    summary: { ...counts, duration_ms: 480, usage: NO_USAGE },
    log_path: `http://localhost:8787/api/v1/agents/${name}/runs/${EXECUTION_ID}`,
  },
};
const going = { ...result, status: "running", details: { execution: url } };

const stored = {
  ...{ agent_id: name, kind: "manifest", description, version, tags: ["notes"] },
  ...{ registered_at: CREATED_AT, updated_at: CREATED_AT, functions: [], status: "active", reasoning_mode },
  ...{ owner: "olga", bundled: false, current_version: version, manifest },
};

const experimented = (of: string) => ({ version: of, weight: 50 });
const experiment = {
  ...{ target: "notes.keeper.run", since: CREATED_AT, updated_by: "olga", runs_counted: 120 },
  versions: [
    { ...experimented("0.1.0"), n: 61, success: 0.95, p50_ms: 480, cost_usd: 0.61 },
    { ...experimented("0.2.0"), n: 59, success: 0.98, p50_ms: 610, cost_usd: 0.74 },
  ],
};

export const MANIFEST_EXAMPLES: Examples = {
  listSkills: { answers: { 200: { items: [{ ...skill, idempotent: true, input_schema }], next_cursor: null } } },
  runAgent: { request: { manifest, task_context }, answers: { 200: result, 202: going } },
  runAgentAsync: { request: { manifest, task_context }, answers: { 202: { ...going, status: "queued" } } },
  getLatestRun: { answers: { 200: result } },
  getAgentRun: { answers: { 200: result, 202: going } },
  putAgent: {
    request: manifest,
    answers: { 201: { ...stored, warnings: [] }, 200: { ...stored, warnings: [] } },
  },
  listAgentVersions: {
    answers: {
      200: {
        items: [
          {
            ...{ version, status: "active", description, reasoning_mode, current: true },
            ...{ created_at: CREATED_AT, updated_at: LATER, updated_by: "olga" },
          },
        ],
        next_cursor: null,
      },
    },
  },
  putExperiment: {
    request: { versions: [experimented("0.1.0"), experimented("0.2.0")] },
    answers: { 200: experiment },
  },
  getExperiment: { answers: { 200: experiment } },
  deleteExperiment: { answers: { 204: null } },
  deleteAgent: { answers: { 204: null } },
  validateManifest: {
    request: { manifest, task_context: "Write down that tea is at four" },
    answers: {
      200: {
        ok: true,
        status: "success",
        timestamp: CREATED_AT,
        errors: [],
        details: {
          timestamp: CREATED_AT,
          agent: { name, version, description, reasoning_mode, status: "active" },
          task_context: "Write down that tea is at four",
          prompt: "You are notes.keeper, a specialized agent.…",
          prompt_hash: DIGEST,
          skills_available: [skill],
          missing_skills: [],
          missing_context: [],
          warnings: [],
        },
      },
    },
  },
};
