// Light, dark, or as the system says.

import { computed, effect, signal } from "@preact/signals";
import { store, stored } from "./stored";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const theme = signal<Theme>(stored("theme", themes) ?? "system");

const systemDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(systemDark.matches);
systemDark.addEventListener("change", () => {
  systemIsDark.value = systemDark.matches;
});

/** What is really shown, for the few things that CSS cannot decide. */
export const dark = computed(() => theme.value === "dark" || (theme.value === "system" && systemIsDark.value));

effect(() => {
  if (theme.value === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme.value;
});

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  store("theme", chosen === "system" ? null : chosen);
}
