/**
 * What the customer has been through, in cues: that this is not the first contact, that no person answers, that the
 * patience is gone. A lexicon of feelings is blind for these ("This is the third time I am calling!" has no bad word in
 * it). A strong cue weighs 1.5, a weak one 0.5; each kind counts once.
 */

const NUMBER = "(?:two|three|four|five|six|seven|eight|nine|ten|\\d+|several|many|multiple|countless)";
const CONTACTED = "(?:called|phoned|rung|emailed|written|wrote|asked|told|tried|contacted|complained|reported|sent)";

const STRONG: Readonly<Record<string, RegExp>> = {
  nthTime: /\bthe (?:second|third|fourth|fifth|sixth|umpteenth|\d+(?:nd|rd|th)) time\b|\bfor the last time\b/,
  manyTimes: new RegExp(`\\b${CONTACTED}\\b[^.?!]*\\b(?:${NUMBER} (?:e-?mails|calls|messages|times)|twice)\\b`),
  onceMore:
    /\b(?:once|yet|time and) again\b|\bover and over\b|\bevery (?:single )?time i (?:call|contact|write|ask|try)\b/,
  howLong:
    /\bhow (?:often|many times|many more|much longer)\b|\b(?:days|weeks|months) (?:later|now)\b|\bit(?:'s| has) been \w+ (?:days|weeks|months)\b/,
  keeps: /\b(?:(?:you|they) keep|keeps|kept) \w+ing\b/,
  saidBefore: /\balready (?:told|explained|asked|called|complained|written|wrote|reported)\b|\brepeat myself\b/,
  waiting: /\bwait(?:ed|ing)\b.*\b(?:hours|days|weeks?|months?|long|ages|forever)\b/,
  unanswered:
    /\b(?:nobody|no one|anybody|anyone|never) (?:has |have |ever |is |going to |will )*(?:even )?(?:repl|answer|call|respond|react|c[ao]me back|got back)|\bno (?:answer|reply|response|reaction)\b|\b(?:not|n't|never) heard (?:back|from|any)|\bheard nothing\b|\bstill nothing\b/,
  passedAround: /\b(?:passed|transferred|bounced) (?:around|from \w+ \w+ to)\b/,
  outrage:
    /\b(?:unacceptable|ridiculous|outrageous|this is a joke|disgrace(?:ful)?|fed up|(?:sick|tired) of|(?:losing|lost|out of) (?:my |all )?patience|(?:speak|talk) to (?:a|your|the) (?:manager|supervisor)|lawyer|solicitor|attorney|legal action|chargeback|i demand|enough is enough|last straw)\b/,
};

const WEAK = /\b(?:still|again|any ?more)\b|[!?]{2,}/;

const STRONG_WEIGHT = 1.5;
const WEAK_WEIGHT = 0.5;

/** From 0; one strong cue is 1.5. */
export function strain(text: string): number {
  const lower = text.toLowerCase().replaceAll("’", "'");
  const strong = Object.values(STRONG).filter((cue) => cue.test(lower)).length;
  return strong * STRONG_WEIGHT + (WEAK.test(lower) ? WEAK_WEIGHT : 0);
}
