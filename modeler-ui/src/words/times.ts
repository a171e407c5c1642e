// Times as people say them, in the language of the app.

import { signal } from "@preact/signals";
import { language } from ".";

/** The minute we are in; components that show an age re-render with it. */
const minute = signal(Date.now());
window.setInterval(() => {
  minute.value = Date.now();
}, 30_000);

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 minutes ago" */
export function ago(time: string): string {
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  const seconds = (new Date(time).getTime() - Math.max(minute.value, Date.now())) / 1000;
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  }
  return format.format(0, "second");
}

/** Date and time to the second: what a tooltip beside `ago` says. */
export function moment(time: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(time));
}
