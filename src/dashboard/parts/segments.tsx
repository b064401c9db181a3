interface Props<T> {
  readonly label: string;
  readonly options: readonly T[];
  readonly chosen: T | undefined;
  /** No two have the same words. */
  readonly wordsOf: (option: T) => string;
  readonly onChoose: (option: T) => void;
}

/** A row of buttons of which one is pressed. */
export function Segments<T>({ label, options, chosen, wordsOf, onChoose }: Props<T>) {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map((option) => (
        <button
          key={wordsOf(option)}
          type="button"
          className="segment"
          aria-pressed={option === chosen}
          onClick={() => onChoose(option)}
        >
          {wordsOf(option)}
        </button>
      ))}
    </fieldset>
  );
}
