// The app's icons: 16 × 16, one stroke width, in the colour of the text. Purely decorative: words stand beside them
// or on the button that holds them.

import type { ComponentChildren, JSX } from "preact";

const paths = {
  model: "M2.5 5.5v-3h4v3zM9.5 13.5v-3h4v3zM6.5 4h3a2 2 0 0 1 2 2v4.5",
  inbox: "M2 9.5 4 3.2h8l2 6.3v3.3H2zM2 9.5h3.6l.9 1.6h3l.9-1.6H14",
  operate: "M1.5 8.5h3l2-5 3 9 2-5.5h3",
  plus: "M8 3v10M3 8h10",
  import: "M8 2.5v8M4.8 7.3 8 10.5l3.2-3.2M2.5 13.5h11",
  export: "M8 10.5v-8M4.8 5.7 8 2.5l3.2 3.2M2.5 13.5h11",
  save: "M2.5 2.5h8l3 3v8h-11zM5 2.5v3.5h5V2.5M5 13.5v-4h6v4",
  deploy: "M8 1.700 2.400 4.800v6.400L8 14.300l5.600-3.100V4.800zM2.400 4.800 8 7.900l5.600-3.100M8 7.900v6.400",
  play: "M5 3.200v9.600l7.500-4.800z",
  close: "m4 4 8 8M12 4l-8 8",
  check: "m3 8.500 3.200 3.200L13 5",
  chevron: "m4.500 6.300 3.500 3.500 3.500-3.500",
  right: "m6.300 4.500 3.500 3.500-3.500 3.500",
  left: "M9.700 4.500 6.200 8l3.500 3.500",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.700 10.700l3.300 3.300",
  error: "M8 14.200A6.200 6.200 0 1 0 8 1.800a6.200 6.200 0 0 0 0 12.400zM8 4.800v3.900M8 11.100v.1",
  warning: "M8 2 14.500 13.500h-13zM8 6.300v3.500M8 11.600v.1",
  info: "M8 14.200A6.200 6.200 0 1 0 8 1.800a6.200 6.200 0 0 0 0 12.400zM8 7.300v4M8 4.900v.1",
  user: "M8 8a2.800 2.800 0 1 0 0-5.600A2.800 2.800 0 0 0 8 8zM2.800 13.800c.4-2.600 2.400-4 5.200-4s4.800 1.400 5.200 4",
  sun: "M8 10.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9",
  moon: "M13.300 9.600A5.600 5.600 0 0 1 6.400 2.700a5.600 5.600 0 1 0 6.900 6.900z",
  system: "M2 3h12v8H2zM5.500 13.500h5M8 11v2.500",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.01M6.700 6.500h.01M9.300 6.500h.01M12 6.500h.01M4 9.500h.01M12 9.500h.01M6.300 9.500h3.400",
  signOut: "M6 2.500H2.500v11H6M10.500 11l3-3-3-3M13.500 8H6",
  language: "M8 14.200A6.200 6.200 0 1 0 8 1.800a6.200 6.200 0 0 0 0 12.400zM2 8h12M8 1.800c2 1.800 2.600 3.900 2.600 6.200S10 12.400 8 14.200C6 12.400 5.400 10.300 5.400 8S6 3.600 8 1.800z",
  trash: "M2.500 4.500h11M6 4.500v-2h4v2M4 4.500l.7 9h6.600l.7-9M6.700 7v4M9.300 7v4",
  undo: "M5.500 3 2.500 6l3 3M2.500 6h7a4 4 0 0 1 0 8H6",
  redo: "m10.500 3 3 3-3 3M13.500 6h-7a4 4 0 0 0 0 8H10",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  minus: "M3 8h10",
  outline: "M2.500 3.500h2M2.500 8h2M2.500 12.500h2M7 3.500h6.500M7 8h6.500M7 12.500h6.500",
  sidebar: "M2 2.800h12v10.400H2zM10 2.800v10.400",
  clock: "M8 14.200A6.200 6.200 0 1 0 8 1.800a6.200 6.200 0 0 0 0 12.400zM8 4.500V8l2.400 1.700",
  refresh: "M13.300 6.500A5.600 5.600 0 0 0 3 5.200M2.700 9.500A5.600 5.600 0 0 0 13 10.800M13.500 2.800v3.700H9.800M2.500 13.200V9.500h3.700",
  file: "M3.500 1.800h6l3 3v9.400h-9zM9.500 1.800v3h3",
  lock: "M3.500 7h9v6.800h-9zM5.300 7V5a2.700 2.700 0 0 1 5.400 0v2",
  filter: "M2 3.500h12M4.500 8h7M6.800 12.500h2.400",
  external: "M9 2.500h4.500V7M13.500 2.500 7.500 8.500M11.500 9.500v4h-9v-9h4",
  offline: "M2 2l12 12M4.700 7.800A5.500 5.500 0 0 1 6.500 6.700M9.700 6.600a5.500 5.500 0 0 1 1.800 1.200M2.300 5.300A9 9 0 0 1 4 4M7 3.200a9 9 0 0 1 6.700 2.100M8 12h.01M6.300 9.900a2.600 2.600 0 0 1 3.400 0",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  mail: "M2 3.500h12v9H2zM2.300 4 8 8.700 13.700 4",
  signal: "M8 2.800 14 13H2z",
  copy: "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, ...rest }: { name: IconName } & JSX.IntrinsicElements["svg"]) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      {...rest}
      class={`icon ${(rest.class as string | undefined) ?? ""}`}
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The signal box: one line switched from here to there, with its lamp on green. */
export function Mark({ children }: { children?: ComponentChildren }) {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2f57d6" />
      <path d="M9 22h6a4 4 0 0 0 4-4v-4a4 4 0 0 1 4-4" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" />
      <circle cx="9" cy="22" r="3.500" fill="#fff" />
      <circle cx="23" cy="10" r="3.500" fill="#7ef0b4" />
      {children}
    </svg>
  );
}
