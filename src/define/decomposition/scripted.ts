/**
 * What the scripted model, which calls no provider, makes of a task: the usual steps of prospecting (find, contact, meet, ask,
 * write down, weigh), those of them that the task speaks of and the agent can do. Of a task that speaks of none it is not sure.
 */
import type { DecompositionAnswer } from "../../domain/plan/decomposition.ts";
import type { DecompositionTask } from "./input.ts";

interface Step {
  readonly action: string;
  /** Another name under which an agent may have the same action. */
  readonly also?: string;
  /** The task speaks of it. */
  readonly words: RegExp;
  readonly title: string;
  readonly criteria: readonly string[];
  readonly failure?: string;
}

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;

/** In the order in which they are done. */
const STEPS: readonly Step[] = [
  {
    action: "search_places",
    also: "search_google_maps",
    words: /\b(?:find|search|prospects?|leads?|research)\b/i,
    title: "Find prospects",
    criteria: ["Prospects found, each with a name and a way to reach it"],
  },
  {
    action: "manage_csv",
    words: /\b(?:csv|list|prospects?|leads?)\b/i,
    title: "Write the prospects into the list",
    criteria: ["Each prospect has one row"],
  },
  {
    action: "send_email",
    words: /\b(?:contact|interview|e-?mail|reach|ask|invite|write to|prospects?)\b/i,
    title: "Send initial contact email",
    criteria: ["Email sent successfully", "Response received within 24 hours"],
    failure: "If bounce: try phone call",
  },
  {
    action: "make_phone_call",
    words: /\b(?:call|phone)\b/i,
    title: "Call by phone",
    criteria: ["The call was answered, or a message was left"],
  },
  {
    action: "schedule_calendar_event",
    words: /\b(?:schedule|appointment|meeting|calendar)\b/i,
    title: "Schedule the appointment",
    criteria: ["The invitation was made, with a time that fits"],
  },
  {
    action: "conduct_interview",
    words: /\b(?:interview|discovery|understand)\b/i,
    title: "Conduct the interview",
    criteria: ["Interview conducted", "Notes recorded"],
  },
  {
    action: "document_findings",
    words: /\b(?:interview|document|findings|summar\w*|understand|write down)\b/i,
    title: "Document findings",
    criteria: ["Document created", "All sections completed"],
  },
  {
    action: "draft_document",
    words: /\b(?:draft|proposal|offer)\b/i,
    title: "Draft the document",
    criteria: ["Document created"],
  },
  {
    action: "analyze_feedback",
    words: /\b(?:feedback|analy[sz]e|respons\w*)\b/i,
    title: "Analyze the feedback",
    criteria: ["What was said is summed up"],
  },
];

export function scriptedAnswer({ task, plan_context, capabilities }: DecompositionTask): DecompositionAnswer {
  const can = new Set(capabilities.map(({ action }) => action));
  const text = `${task.title}\n${task.description}`;
  const named = ({ action, also = action }: Step) => [action, also].find((name) => can.has(name));
  const steps = STEPS.filter((step) => step.words.test(text) && named(step) !== undefined);
  if (steps.length === 0) return undecided(task.title);
  const customer = typeof plan_context.target_customer === "string" ? plan_context.target_customer : undefined;
  const subtasks = steps.map((step, at) => ({
    subtask_id: String(at + 1),
    title: step.title,
    action: named(step) ?? step.action,
    params: paramsOf(step.action, { title: task.title, description: task.description, customer }),
    depends_on: at === 0 ? [] : [String(at)],
    success_criteria: [...step.criteria],
    ...(step.failure === undefined ? {} : { failure_handling: step.failure }),
  }));
  return {
    decomposition_confidence: 0.8,
    decomposed_subtasks: subtasks,
    notes: "Made by the scripted rule for prospecting: no model was asked.",
    warnings:
      steps.some(({ action }) => action === "send_email") && !EMAIL.test(`${text}\n${customer ?? ""}`)
        ? ["No email address is known: give send_email one in its params"]
        : [],
  };
}

function undecided(title: string): DecompositionAnswer {
  return {
    decomposition_confidence: 0.2,
    decomposed_subtasks: [{ subtask_id: "1", title, action: null, params: {}, depends_on: [], success_criteria: [] }],
    notes: "The scripted rule knows prospecting only: no model was asked.",
    warnings: ["The task was not taken apart"],
  };
}

interface Told {
  readonly title: string;
  readonly description: string;
  readonly customer: string | undefined;
}

function paramsOf(
  action: string,
  { title, description, customer }: Told,
): DecompositionAnswer["decomposed_subtasks"][number]["params"] {
  const about = customer ?? description;
  const to = EMAIL.exec(`${title}\n${description}\n${about}`)?.[0];
  if (action === "send_email")
    return { ...(to === undefined ? {} : { to }), subject: title, body: description === "" ? title : description };
  if (action === "conduct_interview") return { required_topics: topicsIn(description, title) };
  if (action === "search_places") return { query: about === "" ? title : about };
  if (action === "document_findings") return { sections: topicsIn(description, title) };
  if (action === "schedule_calendar_event") return { title };
  return { subject: title };
}

/** "Understand her breeding records, customer management" has two. */
function topicsIn(description: string, title: string): string[] {
  const topics = description
    .split(/[,;\n]/)
    .map((topic) => topic.trim())
    .filter((topic) => topic !== "");
  return (topics.length === 0 ? [title] : topics).slice(0, 20);
}
