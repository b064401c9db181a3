import type { ReactNode } from "react";

interface Props {
  readonly className?: string;
  /** Its own checks say what is wrong, and not the browser's. */
  readonly noValidate?: boolean;
  /** Keeps what it is refused; what it throws beside that is dropped. */
  readonly onSubmit: () => Promise<unknown>;
  readonly children: ReactNode;
}

/** A form that is sent by its button or by Enter, without leaving the page. */
export function Form({ onSubmit, ...rest }: Props) {
  return (
    <form
      {...rest}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit().catch(() => {});
      }}
    />
  );
}
