import { Icon } from "../parts/icon.tsx";
import { duration } from "../parts/words.ts";

const SOON_MS = 3_600_000;

interface Props {
  readonly at: string;
  readonly now: number;
  /** Only where it is soon. */
  readonly brief?: boolean;
}

/** Counts down to the instant at which an approval expires. */
export function Expiry({ at, now, brief = false }: Props) {
  const left = Date.parse(at) - now;
  const isSoon = left < SOON_MS;
  if (brief && !isSoon) return null;
  return (
    <span className="expiry num" data-soon={isSoon}>
      <Icon name="clock" size={13} />
      <time dateTime={at} title={new Date(at).toLocaleString()}>
        {left <= 0 ? "expired" : `expires in ${duration(left)}`}
      </time>
    </span>
  );
}
