import { useState } from "react";
import { Link } from "wouter";
import { Form } from "../forms/form.tsx";
import { TextField } from "../forms/text-field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Menu } from "../parts/menu.tsx";
import type { Filters } from "./filters.ts";
import { searchOf } from "./filters.ts";
import { forgetView, keepView, savedViews } from "./saved-views.ts";

/** Views that were kept, and a name for the present one. */
export function ViewsMenu({ filters }: { readonly filters: Filters }) {
  const [views, setViews] = useState(savedViews);
  const [name, setName] = useState("");
  const search = searchOf(filters);
  const here = views.find((view) => view.search === search);
  return (
    <Menu button={here ? here.name : "Views"} label="Saved views">
      {(close) => (
        <>
          {views.length === 0 && <p className="quiet small">No view is kept yet in this browser.</p>}
          <ul className="menu-list">
            {views.map((view) => (
              <li key={view.name}>
                <Link
                  href={`/executions${view.search}`}
                  className="menu-item"
                  aria-current={view === here ? "true" : undefined}
                  onClick={close}
                >
                  {view.name}
                </Link>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Forget the view ${view.name}`}
                  onClick={() => setViews(forgetView(view.name))}
                >
                  <Icon name="close" size={14} />
                </button>
              </li>
            ))}
          </ul>
          {search !== "" && (
            <Form
              className="menu-form"
              onSubmit={async () => {
                if (name.trim() === "") return;
                setViews(keepView({ name: name.trim().slice(0, 80), search }));
                setName("");
                close();
              }}
            >
              <TextField title="Keep this view as" value={name} onChange={setName} />
              <button type="submit" className="button small">
                Keep view
              </button>
            </Form>
          )}
        </>
      )}
    </Menu>
  );
}
