import { titleOf } from "../forms/schema.ts";
import { JsonView } from "../parts/json-view.tsx";

/** Fields that are shown as lines; what is larger is a tree. */
const MOST_FIELDS = 24;
const LONG_TEXT = 2_000;

/** What is to be decided on, as a person reads it: plain fields as lines, anything nested as a tree. */
export function Payload({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined) return <p className="quiet">It was asked without a payload.</p>;
  if (typeof value !== "object") return <p className="payload-text">{String(value)}</p>;
  const entries = Object.entries(value);
  if (Array.isArray(value) || entries.length > MOST_FIELDS) return <JsonView value={value} name="payload" />;
  return (
    <dl className="payload">
      {entries.map(([name, field]) => (
        <div key={name}>
          <dt>{titleOf(name)}</dt>
          <dd>
            {typeof field === "object" && field !== null ? (
              <JsonView value={field} name={name} />
            ) : (
              <Plain value={field} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Plain({ value }: { readonly value: unknown }) {
  if (value === null || value === "") return <span className="quiet">–</span>;
  if (typeof value === "number") return <span className="num">{value.toLocaleString()}</span>;
  const text = String(value);
  return <span className="payload-text">{text.length > LONG_TEXT ? `${text.slice(0, LONG_TEXT)}…` : text}</span>;
}
