/** The targets the tour calls, as a caller writes them down who does not share code with the server. */
export interface Examples {
  "support-agent.analyze_sentiment": { input: { message: string }; output: Sentiment };
  "support-agent.support_analyze_sentiment": { input: { message: string }; output: Sentiment };
  "support-agent.triage": {
    input: { customer_id: string; message: string };
    output: { sentiment: Sentiment; ticket?: Ticket };
  };
  "escalation-agent.create_ticket": {
    input: { customer_id: string; sentiment: Sentiment; priority: "low" | "normal" | "high" | "urgent" };
    output: Ticket;
  };
  "clock.remind": {
    input: { message: string; seconds: number };
    output: { message: string; asked_at: string; reminded_at: string };
  };
  "approvals.demo": {
    input: { claim: string; amount: number };
    output: { decision: string; feedback: string | null; decided_by: string | null };
  };
  "ledger.transfer": {
    input: { transfer_id: string; from: string; to: string; amount: number };
    output: { reference: string; notify_attempts: number };
  };
  "catalog.audit": {
    input: { chunk_size?: number; pace_ms?: number };
    output: { rows: number; columns: readonly Column[]; duplicate_rows: Finding; duplicate_titles: Finding };
  };
  "catalog.enrich": { input: { items: readonly number[] }; output: { enriched: readonly number[] } };
  "catalog.items": { input: { after?: number; limit?: number }; output: { items: readonly Film[] } };
}

export interface Sentiment {
  readonly sentiment: string;
  readonly confidence: number;
  readonly recommendation: string;
}

interface Ticket {
  readonly ticket_id: string;
  readonly queue: string;
  readonly priority: string;
  readonly due_at: string;
}

interface Film {
  readonly title: string;
  readonly category: string;
}

interface Finding {
  readonly count: number;
}

interface Column {
  readonly missing: Finding;
  readonly malformed: Finding;
  readonly out_of_range: Finding;
}
