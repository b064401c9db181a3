import { useState } from "react";
import { Icon } from "./icon.tsx";

const SAID_MS = 1_600;

interface Props {
  readonly text: string;
  /** What is copied: "id", "curl". */
  readonly what: string;
  /** Words on the button; none for a sign alone. */
  readonly label?: string;
}

export function CopyButton({ text, what, label }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return (
    <button
      type="button"
      className={label === undefined ? "icon-button" : "button small"}
      aria-label={label === undefined ? `Copy ${what}` : undefined}
      title={`Copy ${what}`}
      onClick={() => copy().catch(() => setCopied(false))}
    >
      <Icon name={copied ? "check" : "copy"} size={14} />
      {label !== undefined && <span>{copied ? "Copied" : label}</span>}
      <span className="unseen" role="status">
        {copied ? `Copied ${what}` : ""}
      </span>
    </button>
  );
}
