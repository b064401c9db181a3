import { CopyButton } from "./copy-button.tsx";

/** A call to be pasted elsewhere. */
export function Snippet({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <figure className="snippet">
      <figcaption>
        <span className="field-title">{title}</span>
        <CopyButton text={text} what={title} label="Copy" />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by keyboard. */}
      <section className="snippet-box" tabIndex={0} aria-label={title}>
        <pre>{text}</pre>
      </section>
    </figure>
  );
}
