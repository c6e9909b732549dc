/** Sixteen-pixel line icons. Decoration only: the control around them carries the name. */
const PATHS = {
  start: "M4.5 3v10l8-5z",
  pause: "M4.5 3v10M11 3v10",
  step: "M3.5 3v10l6-5zM12.5 3v10",
  stop: "M4 4h8v8H4z",
  restart: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  seed: "M3 3h10v10H3zM6 6h.01M10 10h.01M10 6h.01M6 10h.01",
  menu: "M4 6.5 8 10.5l4-4",
  up: "M4 9.5 8 5.5l4 4",
  right: "M6 4l4 4-4 4",
  close: "M4 4l8 8M12 4l-8 8",
  warning: "M8 2.5 14.5 13.5h-13zM8 6.5v3M8 11.5h.01",
  wrong: "M4 4l8 8M12 4l-8 8",
  help: "M5.8 6.1a2.2 2.2 0 1 1 3 2.1c-.6.3-.8.7-.8 1.4M8 12h.01",
  light:
    "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  dark: "M13 9.6A5.5 5.5 0 1 1 6.4 3a4.6 4.6 0 0 0 6.6 6.6z",
  link: "M6.5 9.5l3-3M7 5l1.8-1.8a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.8 1.8a2.8 2.8 0 0 1-4-4L5 7",
  done: "M3.5 8.5l3 3 6-7",
  system: "M2 3h12v8H2zM5.5 14h5",
} as const;

export type IconName = keyof typeof PATHS;

const FILLED: ReadonlySet<IconName> = new Set(["start", "stop"]);

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} {...(FILLED.has(name) ? { fill: "currentColor" } : {})} />
    </svg>
  );
}
