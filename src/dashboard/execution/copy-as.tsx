import type { Json } from "../../domain/values/json.ts";
import { lookAsCommand, lookAsCurl, lookAsTypeScript, startAsCurl, startAsTypeScript } from "../parts/copy-as.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Snippet } from "../parts/snippet.tsx";
import type { Shown } from "./shown.ts";
import { inputOf } from "./shown.ts";

interface Props {
  readonly shown: Shown;
  readonly keyed: boolean;
  readonly onClose: () => void;
}

/** The calls that start the same once more and that follow this one, for a shell and for a program. */
export function CopyAs({ shown, keyed, onClose }: Props) {
  const { execution_id: id, target } = shown.body;
  const { origin } = location;
  const start = { origin, target, input: inputOf(shown) as Json | undefined, keyed };
  const look = { origin, id, keyed };
  const calls = [
    { words: "Read it, as curl", text: lookAsCurl(look) },
    { words: "Follow it, by the command line", text: lookAsCommand(look) },
    { words: "Follow it, as TypeScript", text: lookAsTypeScript(look) },
    { words: "Start the same, as curl", text: startAsCurl(start) },
    { words: "Start the same, as TypeScript", text: startAsTypeScript(start) },
  ];
  return (
    <Dialog title="Copy as" onClose={onClose}>
      <div className="dialog-body">
        {calls.map(({ words, text }) => (
          <Snippet key={words} title={words} text={text} />
        ))}
      </div>
    </Dialog>
  );
}
