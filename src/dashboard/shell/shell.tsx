/** What stands around every page: where one can go, whether the connection stands, and how the pages look. */
import type { ReactNode } from "react";
import { useRef } from "react";
import { Link, useLocation } from "wouter";
import { useFeed } from "../live/feed.tsx";
import { useInbox } from "../live/inbox.tsx";
import type { IconName } from "../parts/icon.tsx";
import { Icon, Logo } from "../parts/icon.tsx";
import { useSession } from "../session/session.tsx";
import type { Theme } from "./theme.ts";
import { useTheme } from "./theme.ts";

export function Shell({ children }: { readonly children: ReactNode }) {
  const { items, more } = useInbox();
  const pending = items?.length ?? 0;
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
          <NavLink to="/executions" icon="list" words="Executions" others={["/runs", "/compare"]} />
          <NavLink to="/approvals" icon="inbox" words="Approvals" count={more ? `${pending}+` : `${pending || ""}`} />
          <NavLink to="/agents" icon="agents" words="Agents" others={["/chat"]} />
          <MorePages />
        </nav>
        <Foot />
      </header>
      <main id="content" className="content" tabIndex={-1}>
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
        <NavLink to="/plans" icon="plan" words="Plans" />
        <NavLink to="/manifests" icon="agents" words="Manifests" />
        <NavLink to="/experiments" icon="chart" words="Experiments" />
        <NavLink to="/schedules" icon="clock" words="Schedules" />
        <NavLink to="/sessions" icon="sessions" words="Sessions" />
        <NavLink to="/memory" icon="memory" words="Memory" />
        <NavLink to="/webhooks" icon="link" words="Webhooks" />
        <NavLink to="/metrics" icon="chart" words="Metrics" />
        <NavLink to="/remote" icon="agents" words="Remote agents" />
        <NavLink to="/operations" icon="pulse" words="Operations" />
        <NavLink to="/keys" icon="key" words="Keys" />
      </div>
    </>
  );
}

interface NavLinkProps {
  readonly to: string;
  readonly icon: IconName;
  readonly words: string;
  readonly count?: string;
  /** Where pages begin that belong to this one. */
  readonly others?: readonly string[];
}

function NavLink({ to, icon, words, count = "", others = [] }: NavLinkProps) {
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
