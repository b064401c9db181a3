/** Documents in Markdown, each made of a template that ships with Larry: interviews, findings, drafts. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Action, ActionContext } from "../../../agent/index.ts";
import { ActionError, Blocked } from "../../../agent/index.ts";
import type { Workspace } from "../workspace.ts";
import { textOf } from "../workspace.ts";

const TEMPLATES = join(import.meta.dirname, "../templates");
const Template = z.string().regex(/^[\w-]+\.md$/, "must be the name of a template, such as proposal.md");
const Path = z.string().min(1).max(500).optional();
const Texts = z.record(z.string(), z.string().max(20_000)).default({});

const InterviewParams = z.object({
  script_template: Template.default("breeder_discovery_interview.md"),
  required_topics: z.array(z.string().min(1).max(500)).min(1).max(50),
  duration_minutes: z.number().min(1).max(1_440).default(90),
  format: z.string().max(200).default("video_call_or_phone"),
  /** By topic: what the person who led the interview writes down. */
  answers: Texts,
  output_path: Path,
});

/** A person leads the interview: Larry asks for the answers, and writes them down when they come with the next attempt. */
export function conductInterview(workspace: Workspace): Action<typeof InterviewParams> {
  return {
    input: InterviewParams,
    idempotent: true,
    run: async ({ script_template, required_topics, duration_minutes, format, answers, output_path }, ctx) => {
      const script = await filled(script_template, {
        ...{ title: ctx.title, goal: ctx.plan.goal, minutes: String(duration_minutes), format },
        topics: required_topics.map((topic, at) => `${at + 1}. ${topic}`).join("\n"),
      });
      const scriptPath = pathOf("script", undefined, ctx);
      await workspace.write(scriptPath, script);
      const open = required_topics.filter((topic) => !answers[topic]?.trim());
      if (open.length > 0)
        throw new Blocked(`Please ask: ${open.join("; ")}. The script is in ${scriptPath}.`, {
          type: "interview",
          suggestions: ["Retry with params.answers: each topic with what was said", "Complete by hand with the notes"],
        });
      const path = pathOf("interview", output_path, ctx);
      const notes = required_topics.map((topic) => `## ${topic}\n\n${answers[topic] ?? ""}`).join("\n\n");
      await workspace.write(path, `# ${ctx.title}\n\n${notes}\n`);
      ctx.say(`Interview conducted: ${required_topics.length} topics`);
      return { interview_notes: path, topics_covered: required_topics, answers };
    },
  };
}

const DocumentParams = z.object({
  template: Template.optional(),
  sections: z.array(z.string().min(1).max(500)).max(50).default([]),
  /** By section, or by the name of a place in the template. */
  values: Texts,
  /** A file of Larry's whose text is what was found. */
  source: Path,
  output_path: Path,
});

/** `document_findings`, `draft_document`. `usual`: the template where none is named. */
export function writeDocument(workspace: Workspace, usual: string): Action<typeof DocumentParams> {
  return {
    input: DocumentParams,
    idempotent: true,
    run: async ({ template = usual, sections, values, source, output_path }, ctx) => {
      const found = source === undefined ? "" : await workspace.read(source);
      if (found === undefined)
        throw new ActionError(`source: there is no file ${source}`, { type: "validation_error", retriable: false });
      const texts = sections.map((name) => `## ${name}\n\n${values[name] ?? TO_WRITE}`).join("\n\n");
      const about = { title: ctx.title, goal: ctx.plan.goal, source: found.trim(), sections: texts };
      const path = pathOf("document", output_path, ctx);
      await workspace.write(path, await filled(template, { ...about, ...values }));
      const missing = sections.filter((name) => !values[name]?.trim());
      ctx.say(`Document written: ${path}`);
      return { document_path: path, sections, sections_open: missing };
    },
  };
}

const TO_WRITE = "_To be written._";

function pathOf(kind: string, given: string | undefined, { executionId, taskId }: ActionContext): string {
  return given ?? `documents/${executionId}/${taskId}_${kind}.md`.replaceAll(/[^\w./-]/g, "_");
}

/** The template with its `{{places}}` filled in; one that nothing is known for says so. */
async function filled(name: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await textOf(join(TEMPLATES, name));
  if (text === undefined) {
    const known = (await readdir(TEMPLATES)).join(", ");
    throw new ActionError(`there is no template ${name}: there are ${known}`, {
      type: "validation_error",
      retriable: false,
    });
  }
  const known = new Map(Object.entries(values));
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_place, place: string) => known.get(place)?.trim() || TO_WRITE);
}
