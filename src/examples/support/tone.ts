/**
 * How a text sounds, from -1 (bad) to 1 (good): the `compound` of VADER (Hutto & Gilbert, ICWSM 2014), which knows
 * negation, intensifiers, capitals and exclamation marks. This file only prepares the text; what a customer has been
 * through is `strain.ts`, and the verdict over both is `sentiment.ts`.
 *
 * - Words of the trade ("phone support", "credit card") say nothing about a mood.
 * - A phrase that means something else than its words ("no complaints", "does not work") is replaced by a word that
 *   VADER knows.
 * - No word mixes capitals and small letters: VADER tests each with a regular expression of cubic cost, so that one
 *   long word would stop the Worker.
 */
import { SentimentIntensityAnalyzer } from "vader-sentiment";

const TRADE_WORDS =
  /\b(?:help|support|care|please|would like|'d like|like to|okay|ok|number|cards?|credit|gift|free|shares?|security|insurance|interest|cancel|charge)\b/g;

const NOT =
  "(?:not|never|cannot|can't|won't|doesn't|didn't|isn't|wasn't|hasn't|haven't|stopped|(?:not|never|hasn't|haven't) (?:been|yet|yet been))";

const REPHRASED: readonly (readonly [phrase: RegExp, meaning: string])[] = [
  [
    /\b(?:no|not any|without(?: any)?|nothing to) (?:complaints?|complain(?: about)?|problems?|issues?|trouble)\b/g,
    "good",
  ],
  [/\bnot a (?:problem|big deal)\b(?: any ?more)?/g, "good"],
  [/\b(?:could(?: not|n't)) (?:have been|be) (?:more (?:\w+)|better|happier)/g, "excellent"],
  [/\b(?:works?|working) (?:again|now|perfectly|fine|well|great)\b/g, "good"],
  [
    new RegExp(
      `\\b${NOT} (?:even )?(?:work(?:ing|ed)?|start|turn on|arrived?|show(?:n|ed)? up|load|connect|fit|help(?:ed)?)\\b`,
      "g",
    ),
    "failed",
  ],
  [new RegExp(`\\b${NOT} (?:been )?(?:fixed|solved|resolved|repaired|refunded|delivered)\\b`, "g"), "failed"],
  [/\b(?:crash(?:es|ed|ing)?|freez(?:es|ing)|froze|keeps loading)\b/g, "failed"],
  [/\b(?:charged|billed|debited)(?: me)? (?:twice|double|two times)\b/g, "failed"],
  [
    /\b(?:cracked|scratch(?:ed)?|smashed|torn|leak(?:s|ing)|stained|dented|bent|shrunk|late|delayed|overdue|expired|missing|deleted)\b/g,
    "broken",
  ],
  [/\b(?:a|your) joke\b/g, "terrible"],
  [/\b(?:far |way |much )?too (?:high|expensive|slow|small|big|loud|long|short|late|weak)\b/g, "bad"],
  [/\b(?:barely|hardly) (?:lasts?|works?|starts?|holds?)\b/g, "failed"],
  [/\bproblem (?:is |was )?(?:solved|fixed|sorted)\b/g, "solved"],
];

/** -1 … 1; 0 for a text without any feeling in it. */
export function tone(text: string): number {
  let prepared = plain(text);
  for (const [phrase, meaning] of REPHRASED) prepared = prepared.replace(phrase, meaning);
  return SentimentIntensityAnalyzer.polarity_scores(prepared.replace(TRADE_WORDS, " ")).compound;
}

/** Lower-case and straight-quoted, as VADER knows its negations; only other shouted words keep their capitals. */
function plain(text: string): string {
  const isShouted = (word: string): boolean => !/[a-z]|^(?:NOT|NEVER|NO)\b|N'T\b/.test(word);
  return text.replaceAll("’", "'").replace(/\S+/g, (word) => (isShouted(word) ? word : word.toLowerCase()));
}
