import type { ReactNode } from "react";
import { Link } from "wouter";
import { useTitle } from "../shell/title.ts";
import type { IconName } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { ReadView } from "./read-view.tsx";
import type { Read } from "./use-read.ts";

interface Words {
  readonly title: string;
  readonly words: ReactNode;
}

interface Props<T> {
  /** Of the page, in the plural: "Plans". */
  readonly title: string;
  /** Of the list without an item; a phone has a link to it, as it shows either the list or the item. */
  readonly href: string;
  readonly icon: IconName;
  readonly read: Read<T>;
  readonly isEmpty: (value: T) => boolean;
  /** Said where the list is empty. */
  readonly none: Words;
  /** Said beside the list while no item is chosen. */
  readonly choose: Words;
  readonly list: (value: T) => ReactNode;
  /** The item that is looked at or being made; undefined for none. */
  readonly item: ReactNode;
  /** Buttons at the end of the head. */
  readonly buttons?: ReactNode;
  /** Shown instead of list and item. */
  readonly instead?: ((value: T) => ReactNode) | undefined;
}

/** A page of a list beside the one of its items that is looked at. */
export function ListPage<T>(props: Props<T>) {
  const { title, href, icon, read, isEmpty, none, choose, list, item, buttons, instead } = props;
  const isOpen = item !== undefined;
  useTitle(title);
  return (
    <div className="page inbox-page" data-chosen={isOpen}>
      <header className="page-head">
        <h1>{title}</h1>
        <span className="head-end">
          {(isOpen || instead) && (
            <Link href={href} className={instead ? "button" : "button start-close"}>
              All {title.toLowerCase()}
            </Link>
          )}
          {buttons}
        </span>
      </header>
      <ReadView read={read} what={`The ${title.toLowerCase()}`}>
        {(value) => {
          if (!isOpen && isEmpty(value))
            return (
              <Notice icon={icon} title={none.title}>
                {none.words}
              </Notice>
            );
          if (instead) return instead(value);
          return (
            <div className="inbox">
              {list(value)}
              {isOpen ? (
                item
              ) : (
                <div className="agents-hint">
                  <Notice icon={icon} title={choose.title}>
                    {choose.words}
                  </Notice>
                </div>
              )}
            </div>
          );
        }}
      </ReadView>
    </div>
  );
}
