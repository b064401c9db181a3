/**
 * Everything that a user can call or send, marked: so that whatever of it shows up in a stranger's answer is seen. A mark
 * is a word of its own; ids that the server made are marks too.
 */
import type { Deployment } from "../workers/deployment.ts";

let made = 0;

export interface Marked {
  /** What may be named in requests: a stranger knows all of them, which is the worst case. */
  readonly names: {
    readonly id: string;
    readonly chosen_id: string;
    readonly gate: string;
    readonly asked_gate: string;
    readonly run_id: string;
    readonly session_id: string;
    readonly actor_id: string;
    readonly idempotency_key: string;
    readonly key_id: string;
    readonly plan_id: string;
    readonly stored_id: string;
    readonly file: string;
    readonly tenant: string;
  };
  /** What nobody but its owner may read. */
  readonly secrets: readonly string[];
}

interface Owner {
  readonly server: Deployment;
  readonly key: string;
  readonly tenant: string;
  readonly keyId: string;
}

const word = (what: string) => `canary-${what}-${made}`;

/** Two executions: one waits for a person under an id of the server's, one holds still under an id of the owner's own. */
export async function markedThings({ server, key, tenant, keyId }: Owner): Promise<Marked> {
  made += 1;
  const places = { run_id: word("run"), session_id: word("session"), actor_id: word("actor") };
  const headers = {
    "x-run-id": places.run_id,
    "x-session-id": places.session_id,
    "x-actor-id": places.actor_id,
  };
  const idempotency_key = word("idempotency");
  const [claim, mark, context, tag, note, data] = ["claim", "metadata", "context", "tag", "note", "signal"].map(word);
  const input = { claim, amount: 10 };
  const body = { input, metadata: { mark }, context: { context } };
  const call = async (method: string, path: string, sent: object) => {
    const { status, body: answer } = await server.call(method, path, { key, ...sent });
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const path = "/api/v1/execute/approvals.demo";
  const started = await call("POST", path, { body, headers: { ...headers, "idempotency-key": idempotency_key } });
  const id = String(started.execution_id);
  const chosen_id = word("chosen");
  await call("POST", "/api/v1/execute/async/clock.remind", {
    body: { id: chosen_id, input: { message: word("message"), seconds: 86_400 } },
    headers,
  });
  const asked_gate = word("gate");
  await call("POST", `/api/v1/executions/${chosen_id}/request-approval`, { body: { approval_request_id: asked_gate } });
  await call("POST", `/api/v1/executions/${id}/notes`, { body: { message: note, tags: [tag] } });
  await call("POST", `/api/v1/executions/${id}/signals/go`, { body: { data } });
  const [plan_id, goal, action] = ["plan", "goal", "params"].map(word);
  const subtask = { id: "t_a", title: "T", action: "mail", params: { to: action } };
  await call("POST", "/api/plans", { body: { plan_id, goal, tasks: [{ id: "t", title: "T", subtasks: [subtask] }] } });
  const stored_id = String(word("agent"));
  const [description, capability] = ["description", "capability"].map(word);
  const manifest = {
    ...{ name: stored_id, version: "1.0.0", description, capabilities: [capability] },
    ...{ skills_available: ["text.count"], reasoning_mode: "oneshot" },
  };
  await call("PUT", `/api/v1/agents/${stored_id}`, { body: manifest });
  return {
    names: {
      ...places,
      id,
      chosen_id,
      gate: String(started.approval_request_id),
      asked_gate,
      idempotency_key,
      key_id: keyId,
      plan_id: String(plan_id),
      stored_id,
      file: "1",
      tenant,
    },
    secrets: [
      claim,
      mark,
      context,
      tag,
      note,
      data,
      goal,
      action,
      description,
      capability,
      word("message"),
      word("key"),
    ].map(String),
  };
}

/** What a stranger was told that it did not say itself. */
export function leaked(answer: string, said: string, { names, secrets }: Marked): string[] {
  const theirs = [...secrets, ...Object.values(names).filter((name) => name.length > 3)];
  return theirs.filter((text) => answer.includes(text) && !said.includes(text));
}
