/** The few signs of the pages, drawn with one stroke; words beside them say what they mean. */
const PATHS = {
  list: "M4 6h16M4 12h16M4 18h10",
  inbox: "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1.2 2.5h3.6L15 13h5",
  agents: "M12 3v3M6 9h12v9H6zM9.5 13v.5M14.5 13v.5M3 12.5v2M21 12.5v2",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM20 20l-4.8-4.8",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M9 6l6 6-6 6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  pause: "M9 5v14M15 5v14",
  play: "M7 5l11 7-11 7z",
  stop: "M6 6h12v12H6z",
  restart: "M4 12a8 8 0 1 0 2.5-5.8M4 4v4.5h4.5",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c1-3.6 4-5.5 7.5-5.5s6.5 1.9 7.5 5.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
  plan: "M4 5h6v4H4zM14 5h6v4h-6zM14 15h6v4h-6zM10 7h4M7 9v8h7",
  sessions: "M4 5h16v11H10l-4 4v-4H4z",
  memory:
    "M5 6c0-1.700 3-3 7-3s7 1.300 7 3-3 3-7 3-7-1.300-7-3zM5 6v12c0 1.700 3 3 7 3s7-1.300 7-3V6M5 12c0 1.700 3 3 7 3s7-1.300 7-3",
  chart: "M4 4v16h16M8.5 16v-4M13 16V8M17.5 16v-6",
  pulse: "M3 12h4l3-7 4 14 3-7h4",
  key: "M8 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM12.500 12H21v4M17 12v3",
  keyboard: "M3 7h18v10H3zM6.5 10.5v.1M10 10.5v.1M13.500 10.5v.1M17 10.5v.1M8.500 14h7",
  more: "M4.500 12h1M11.500 12h1M18.500 12h1",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.400M17.6 17.600L19 19M5 19l1.4-1.400M17.6 6.400L19 5",
  moon: "M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4",
  out: "M14 4h5v16h-5M4 12h10M10.5 8.500L14 12l-3.5 3.5",
  alert: "M12 4l9 16H3zM12 10v4.500M12 17v.5",
  link: "M10 14a4 4 0 0 0 6 .400l3-3a4 4 0 0 0-5.7-5.700L12 7M14 10a4 4 0 0 0-6-.400l-3 3a4 4 0 0 0 5.7 5.700L12 17",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg className="logo" width="24" height="24" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M9 10h10M9 16h14M9 22h7" />
    </svg>
  );
}
