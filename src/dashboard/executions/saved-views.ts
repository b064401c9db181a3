/** Views of the list that were kept under a name, in this browser. A view is the query of its address. */
import * as z from "zod";

const View = z.object({ name: z.string().min(1).max(80), search: z.string().max(2_000) });
export type SavedView = z.infer<typeof View>;

const STORED = "errand.views";
const MOST = 50;

export function savedViews(): readonly SavedView[] {
  try {
    return z.array(View).parse(JSON.parse(localStorage.getItem(STORED) ?? "[]"));
  } catch {
    return [];
  }
}

/** The views with this one, in place of one of the same name. */
export function keepView(view: SavedView): readonly SavedView[] {
  return store([...savedViews().filter(({ name }) => name !== view.name), view].slice(-MOST));
}

export function forgetView(name: string): readonly SavedView[] {
  return store(savedViews().filter((view) => view.name !== name));
}

function store(views: readonly SavedView[]): readonly SavedView[] {
  localStorage.setItem(STORED, JSON.stringify(views));
  return views;
}
