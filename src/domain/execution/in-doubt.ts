/** An effect throws this when it cannot know whether it reached the outside: a person (or its probe) decides. */
export class InDoubt extends Error {
  override readonly name = "InDoubt";
}
