import type { TurnDelta, TurnText } from "../../domain/model/conversation.ts";

interface Writing {
  try: number;
  text: string;
  /** Up to here the watchers have it. */
  sent: number;
}

/** The text of turns while it is written. In memory only: when the process dies the turn begins anew, with a higher try. */
export class TurnsInFlight {
  readonly #turns = new Map<string, Writing>();

  add({ turn, try: attempt, offset, text }: TurnDelta): void {
    const known = this.#turns.get(turn);
    if (known && known.try > attempt) return;
    if (known?.try === attempt) known.text = known.text.slice(0, offset) + text;
    else this.#turns.set(turn, { try: attempt, text, sent: 0 });
  }

  end(turn: string): void {
    this.#turns.delete(turn);
  }

  endAll(): void {
    this.#turns.clear();
  }

  /** What the watchers do not have yet; from now on they do. */
  untold(): TurnDelta[] {
    return [...this.#turns].flatMap(([turn, writing]) => {
      const { text, sent } = writing;
      if (sent === text.length) return [];
      writing.sent = text.length;
      return [{ turn, try: writing.try, offset: sent, text: text.slice(sent) }];
    });
  }

  texts(): TurnText[] {
    return [...this.#turns].map(([turn, writing]) => ({ turn, try: writing.try, text: writing.text }));
  }
}
