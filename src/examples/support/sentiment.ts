/**
 * The verdict on a support conversation, from two figures:
 *   tone    -1 … 1   how the customer sounds: 0.8 of the present message, 0.2 of the earlier ones
 *   strain   0 …     what the customer has been through: the cues of all messages, 0.5 more for each with a bad tone
 *
 * - Each step into the past halves a message's weight; only messages of the customer count.
 * - A good tone ends every strain: a customer who thanks is not frustrated, after any earlier message.
 * - Confidence is the logistic function of the distance to the nearest boundary that would change the answer: 0.5 on
 *   the boundary, 0.92 at 0.2 of tone or 0.6 of strain (one strong cue), at most 0.99.
 * - A neutral verdict rests on the absence of cues, which is weak evidence: its distance counts half.
 */
import * as z from "zod";
import { strain } from "./strain.ts";
import { tone } from "./tone.ts";

const Sentiment = z.enum(["positive", "neutral", "negative", "frustrated"]);
type Sentiment = z.infer<typeof Sentiment>;

const Recommendation = z.enum(["thank", "reply", "apologize", "escalate"]);
type Recommendation = z.infer<typeof Recommendation>;

export const SentimentResult = z.strictObject({
  sentiment: Sentiment,
  confidence: z.number().min(0).max(1),
  recommendation: Recommendation,
});
export type SentimentResult = z.infer<typeof SentimentResult>;

export interface Conversation {
  readonly message: string;
  /** Oldest first. */
  readonly history: readonly { readonly role: string; readonly content: string }[];
}

const RECOMMENDATIONS: Readonly<Record<Sentiment, Recommendation>> = {
  positive: "thank",
  neutral: "reply",
  negative: "apologize",
  frustrated: "escalate",
};

const GOOD = 0.2;
const BAD = -0.2;
const TOO_MUCH = 0.9;
const TONE_STEEPNESS = 12;
const STRAIN_STEEPNESS = 4;

/** Older messages would weigh less than a thousandth. */
const REMEMBERED = 10;

const CUSTOMER_ROLES: ReadonlySet<string> = new Set(["user", "customer"]);

export function analyzeSentiment(conversation: Conversation): SentimentResult {
  const measured = measure(conversation);
  const sentiment = verdict(measured);
  return { sentiment, confidence: confidence(sentiment, measured), recommendation: RECOMMENDATIONS[sentiment] };
}

interface Measured {
  readonly tone: number;
  readonly strain: number;
}

function measure({ message, history }: Conversation): Measured {
  const present = measureOne(message);
  const earlier = history
    .filter(({ role }) => CUSTOMER_ROLES.has(role.toLowerCase()))
    .slice(-REMEMBERED)
    .reverse()
    .map(({ content }, index) => ({ ...measureOne(content), weight: 0.5 ** (index + 1) }));
  if (earlier.length === 0) return present;

  const weights = earlier.reduce((sum, { weight }) => sum + weight, 0);
  const earlierTone = earlier.reduce((sum, one) => sum + one.weight * one.tone, 0) / weights;
  const earlierStrain = earlier.reduce((sum, one) => sum + one.weight * one.strain, 0);
  return { tone: 0.8 * present.tone + 0.2 * earlierTone, strain: present.strain + earlierStrain };
}

function measureOne(text: string): Measured {
  const sounds = tone(text);
  return { tone: sounds, strain: strain(text) + (sounds <= BAD ? 0.5 : 0) };
}

function verdict(measured: Measured): Sentiment {
  if (measured.tone >= GOOD) return "positive";
  if (measured.strain >= TOO_MUCH) return "frustrated";
  return measured.tone <= BAD ? "negative" : "neutral";
}

function confidence(sentiment: Sentiment, measured: Measured): number {
  const fromGood = TONE_STEEPNESS * Math.abs(measured.tone - GOOD);
  const fromBad = TONE_STEEPNESS * Math.abs(measured.tone - BAD);
  const fromTooMuch = STRAIN_STEEPNESS * Math.abs(measured.strain - TOO_MUCH);
  const distance = {
    positive: fromGood,
    neutral: Math.min(fromGood, fromBad, fromTooMuch) / 2,
    negative: Math.min(fromBad, fromTooMuch),
    frustrated: Math.min(fromGood, fromTooMuch),
  }[sentiment];
  return Math.min(0.99, Math.round(100 / (1 + Math.exp(-distance))) / 100);
}
