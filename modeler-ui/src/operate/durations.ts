// Lengths of time as people say them, in the language of the app.

import { signal } from "@preact/signals";
import { language } from "../words";

/** Now, to five seconds: open activities grow with it. */
export const now = signal(Date.now());
window.setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now();
}, 5_000);

const UNITS: readonly [unit: "day" | "hour" | "minute", ms: number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "3 d", "2 h", "4 min", "1.2 s", "12 ms" */
export function duration(ms: number): string {
  const say = (value: number, unit: string, digits = 0): string =>
    new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
  for (const [unit, length] of UNITS) if (ms >= length) return say(ms / length, unit, 1);
  return ms >= 1_000 ? say(ms / 1_000, "second", 1) : say(Math.max(0, Math.round(ms)), "millisecond");
}
