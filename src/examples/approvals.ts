/** Waits for a person: a claim is decided, or sent back for changes and put to the person again, three times at most. */
import * as z from "zod";
import type { Context, Verdict } from "../define/index.ts";
import { defineAgent } from "../define/index.ts";

const MAX_ROUNDS = 3;

const ClaimInput = z.strictObject({ claim: z.string().min(1).max(200), amount: z.number().positive() });

const ClaimOutput = z.strictObject({
  claim: z.string(),
  /** `request_changes` only when the last round asked for changes once more. */
  decision: z.enum(["approved", "rejected", "request_changes", "expired"]),
  option: z.string().nullable(),
  feedback: z.string().nullable(),
  decided_by: z.string().nullable(),
  rounds: z.int().min(1).max(MAX_ROUNDS),
});

async function decideClaim(input: z.infer<typeof ClaimInput>, ctx: Context): Promise<z.infer<typeof ClaimOutput>> {
  let verdict = await ask({ ...input, round: 1, changes_requested: null }, ctx);
  let round = 1;
  while (verdict.decision === "request_changes" && round < MAX_ROUNDS) {
    round += 1;
    verdict = await ask({ ...input, round, changes_requested: verdict.feedback ?? null }, ctx);
  }
  return {
    claim: input.claim,
    decision: verdict.decision,
    option: verdict.option ?? null,
    feedback: verdict.feedback ?? null,
    decided_by: verdict.decidedBy ?? null,
    rounds: round,
  };
}

interface ClaimPayload {
  readonly claim: string;
  readonly amount: number;
  readonly round: number;
  readonly changes_requested: string | null;
}

function ask(payload: ClaimPayload, ctx: Context): Promise<Verdict> {
  return ctx.pause({
    name: "claim",
    payload: { ...payload },
    // The page where a reviewer looks at the claim. The program that requests the approval must send it to a reviewer.
    url: `https://claims.example.com/?execution=${ctx.executionId}`,
    options: ["pay_in_full", "pay_half"],
  });
}

export const approvals = defineAgent({
  id: "approvals",
  description: "Puts decisions to people.",
  version: "1.0.0",
}).reasoner(
  "demo",
  {
    input: ClaimInput,
    output: ClaimOutput,
    description: "Asks a person to decide on a claim; up to three rounds of changes.",
  },
  decideClaim,
);
