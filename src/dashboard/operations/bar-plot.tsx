/** A plot with a bar for each day, stacked when a day has several parts. A hidden table tells screen readers the same. */
import { useId, useState } from "react";
import { roundUp } from "./days.ts";

interface PlotDay {
  readonly day: string;
  readonly parts: readonly number[];
}

interface Props {
  readonly title: string;
  readonly days: readonly PlotDay[];
  /** Of the parts, in their order. */
  readonly names: readonly string[];
  readonly words: (value: number) => string;
}

const SIZE = { width: 600, height: 150 } as const;
const sum = (parts: readonly number[]) => parts.reduce((total, part) => total + part, 0);

export function BarPlot({ title, days, names, words }: Props) {
  const heading = useId();
  const [at, setAt] = useState<number>();
  const most = roundUp(Math.max(0, ...days.map(({ parts }) => sum(parts))));
  const pointed = at === undefined ? undefined : days[at];
  return (
    <figure className="panel plot" aria-labelledby={heading}>
      <figcaption>
        <h2 id={heading}>{title}</h2>
        <span className="quiet small num">
          {pointed ? `${short(pointed.day)}: ${saying(pointed, names, words)}` : ""}
        </span>
      </figcaption>
      <div className="plot-field" aria-hidden="true">
        <span className="plot-most quiet num">{words(most)}</span>
        <Bars days={days} most={most} onPoint={setAt} />
        <span className="plot-days quiet num">
          <span>{short(days[0]?.day ?? "")}</span>
          <span>{short(days.at(-1)?.day ?? "")}</span>
        </span>
      </div>
      {names.length > 1 && (
        <div className="plot-names small quiet">
          {names.map((name, part) => (
            <span key={name} className="plot-name">
              <span className="kind" data-part={part} /> {name}
            </span>
          ))}
        </div>
      )}
      <table className="unseen">
        <caption>{title} by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map(({ day, parts }) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              {names.map((name, part) => (
                <td key={name}>{words(parts[part] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

interface BarsProps {
  readonly days: readonly PlotDay[];
  readonly most: number;
  readonly onPoint: (at: number | undefined) => void;
}

function Bars({ days, most, onPoint }: BarsProps) {
  const wide = SIZE.width / Math.max(1, days.length);
  const high = (value: number) => (value * SIZE.height) / most;
  return (
    <svg
      className="plot-bars"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      preserveAspectRatio="none"
      focusable="false"
      aria-hidden="true"
      onPointerLeave={() => onPoint(undefined)}
    >
      {days.map(({ day, parts }, at) => (
        <g key={day} onPointerEnter={() => onPoint(at)}>
          <rect className="plot-place" x={at * wide} y={0} width={wide} height={SIZE.height} />
          {parts.map((value, part) => (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name but its place.
              key={part}
              data-part={part}
              x={at * wide + wide * 0.16}
              y={SIZE.height - high(sum(parts.slice(0, part + 1)))}
              width={wide * 0.68}
              height={high(value)}
            />
          ))}
        </g>
      ))}
    </svg>
  );
}

function saying({ parts }: PlotDay, names: readonly string[], words: (value: number) => string): string {
  if (names.length === 1) return words(parts[0] ?? 0);
  return names.map((name, part) => `${words(parts[part] ?? 0)} ${name.toLowerCase()}`).join(", ");
}

function short(day: string): string {
  if (day === "") return "";
  return new Date(`${day}T12:00:00Z`).toLocaleDateString([], { day: "numeric", month: "short", timeZone: "UTC" });
}
