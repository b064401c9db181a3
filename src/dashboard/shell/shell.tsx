/** What stands around every page: where one can go, whether the connection stands, and how the pages look. */
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { useFeed } from "../live/feed.tsx";
import { useInbox } from "../live/inbox.tsx";
import type { IconName } from "../parts/icon.tsx";
import { Icon, Logo } from "../parts/icon.tsx";
import { useSession } from "../session/session.tsx";
import { Keyboard } from "./keyboard.tsx";
import type { Place } from "./places.ts";
import { FIRST_PLACES, MORE_PLACES } from "./places.ts";
import type { Theme } from "./theme.ts";
import { useTheme } from "./theme.ts";

export function Shell({ children }: { readonly children: ReactNode }) {
  const { items, more } = useInbox();
  const pending = items?.length ?? 0;
  const waiting = more ? `${pending}+` : `${pending || ""}`;
  const content = useRef<HTMLElement>(null);
  const [location] = useLocation();
  // A link that led away is gone with its page: the next Tab begins with the new page, and not with the navigation.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each change of the address.
  useEffect(() => {
    if (document.activeElement === document.body) content.current?.focus({ preventScroll: true });
  }, [location]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="side">
        <Link href="/executions" className="brand">
          <Logo />
          <span>Errand</span>
        </Link>
        <nav className="nav" aria-label="Pages">
          {FIRST_PLACES.map((place) => (
            <NavLink key={place.to} place={place} count={place.to === "/approvals" ? waiting : ""} />
          ))}
          <MorePages />
        </nav>
        <Foot />
      </header>
      <main ref={content} id="content" className="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** Links to the pages that are opened less often. On a phone a button opens them. */
function MorePages() {
  const pages = useRef<HTMLDivElement>(null);
  const close = () => {
    if (pages.current?.matches(":popover-open")) pages.current.hidePopover();
  };
  return (
    <>
      <button type="button" className="nav-link nav-open" popoverTarget="more-pages">
        <Icon name="more" />
        <span>More</span>
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: its links do what is asked. */}
      <div ref={pages} id="more-pages" className="nav-more" popover="auto" onClick={close}>
        {MORE_PLACES.map((place) => (
          <NavLink key={place.to} place={place} />
        ))}
      </div>
    </>
  );
}

function NavLink({ place, count = "" }: { readonly place: Place; readonly count?: string }) {
  const { to, icon, words, others = [] } = place;
  const [location] = useLocation();
  const isHere = [to, ...others].some((at) => location === at || location.startsWith(`${at}/`));
  return (
    <Link href={to} className="nav-link" aria-current={isHere ? "page" : undefined}>
      <Icon name={icon} />
      <span>{words}</span>
      {count !== "" && (
        <span className="badge num">
          {count}
          <span className="unseen"> waiting</span>
        </span>
      )}
    </Link>
  );
}

const THEMES: Readonly<{ [T in Theme]: { readonly icon: IconName; readonly words: string } }> = {
  system: { icon: "screen", words: "as the system" },
  light: { icon: "sun", words: "light" },
  dark: { icon: "moon", words: "dark" },
};

function Foot() {
  const { connection } = useFeed();
  const { keyed, signOut } = useSession();
  const { theme, next } = useTheme();
  const { icon, words } = THEMES[theme];
  return (
    <div className="foot">
      <span className="connection" role="status" data-connection={connection}>
        <span className="dot" />
        <span className="connection-words">{CONNECTION[connection]}</span>
      </span>
      <span className="foot-buttons">
        <a className="icon-button" href="/docs" aria-label="API documentation" title="API documentation">
          <Icon name="link" />
        </a>
        <Keyboard />
        <button
          type="button"
          className="icon-button"
          aria-label={`Theme: ${words}`}
          title={`Theme: ${words}`}
          onClick={next}
        >
          <Icon name={icon} />
        </button>
        {keyed && (
          <button type="button" className="icon-button" aria-label="Sign out" title="Sign out" onClick={signOut}>
            <Icon name="out" />
          </button>
        )}
      </span>
    </div>
  );
}

const CONNECTION = { connecting: "Connecting…", live: "Live", lost: "Reconnecting…" } as const;
