import { useId } from "react";

interface Choice<T> {
  readonly value: T;
  readonly words: string;
  readonly more?: string;
}

interface Props<T> {
  readonly title: string;
  readonly choices: readonly Choice<T>[];
  readonly chosen: T | undefined;
  readonly onChoose: (value: T) => void;
  /** Side by side instead of one below the other. */
  readonly across?: boolean;
}

/** One of several answers, by radio buttons. */
export function Choices<T extends string>({ title, choices, chosen, onChoose, across = false }: Props<T>) {
  const name = useId();
  return (
    <fieldset className={across ? "choices across" : "choices"}>
      <legend className="field-title">{title}</legend>
      {choices.map(({ value, words, more }) => (
        <label key={value} className="choice">
          <input type="radio" name={name} checked={value === chosen} onChange={() => onChoose(value)} />
          <span>
            {words}
            {more !== undefined && <span className="quiet small">{more}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
