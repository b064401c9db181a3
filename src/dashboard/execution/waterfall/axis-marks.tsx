import { duration } from "../../parts/words.ts";
import type { Window } from "./scale.ts";
import { marksOf, placeOf } from "./scale.ts";

const MARKS = 6;
/** Percent of the width from which on a label stands left of its mark: right of it there is no room. */
const LAST = 84;

/** Times along a line, counted from `originMs`. */
export function AxisMarks({ window, originMs }: { readonly window: Window; readonly originMs: number }) {
  return (
    <>
      {marksOf(window, originMs, MARKS).map((mark) => {
        const left = placeOf(window, mark, mark)?.left ?? 0;
        return (
          <span key={mark} className="axis-mark num" data-last={left > LAST} style={{ left: `${left}%` }}>
            {mark === originMs ? "0" : duration(mark - originMs)}
          </span>
        );
      })}
    </>
  );
}
