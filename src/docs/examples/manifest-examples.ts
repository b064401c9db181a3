/** Examples of agents with a manifest, and of skills. */
import type { Examples } from "./example.ts";
import { CREATED_AT, DIGEST } from "./example.ts";

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

export const MANIFEST_EXAMPLES: Examples = {
  listSkills: { answers: { 200: { items: [{ ...skill, idempotent: true, input_schema }], next_cursor: null } } },
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
