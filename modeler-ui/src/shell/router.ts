// Addresses of the app. A place reads `route`, links are ordinary <a href>, and a place with unsaved work may ask to stay.

import { computed, signal } from "@preact/signals";
import { parseRoute, type Route } from "./routes";

export type { Place, Route } from "./routes";

const here = () => location.pathname + location.search;
const address = signal(here());

/** Where we are. */
export const route = computed<Route>(() => parseRoute(address.value.split("?")[0] ?? "/"));
/** The part after the question mark: filters of a list live there, so that a link brings them along. */
export const query = computed(() => new URLSearchParams(address.value.split("?")[1] ?? ""));

/** Answers whether the place may be left; asks the person where there is something to lose. */
export type LeaveGuard = () => boolean | Promise<boolean>;
let guard: LeaveGuard | null = null;

/** One place at a time may guard its unsaved work. Returns how to stop guarding. */
export function guardLeaving(asked: LeaveGuard): () => void {
  guard = asked;
  return () => {
    if (guard === asked) guard = null;
  };
}

/** Asks the place that guards unsaved work, for what replaces it without changing the address. */
export async function mayLeave(): Promise<boolean> {
  return !guard || (await guard());
}

export interface NavigateOptions {
  /** Takes the place of the present address in the browser's history. */
  replace?: boolean;
  /** The place stays the same and nothing is lost: a new draft that got its id, a filter. */
  unguarded?: boolean;
}

export async function navigate(to: string, options: NavigateOptions = {}): Promise<void> {
  if (to === address.value) return;
  if (!options.unguarded && !(await mayLeave())) return;
  history[options.replace ? "replaceState" : "pushState"](null, "", to);
  address.value = here();
}

/** Changes the part after the question mark only; null or "" removes a name. */
export function setQuery(changes: Record<string, string | null>): void {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  void navigate(location.pathname + (text ? `?${text}` : ""), { replace: true, unguarded: true });
}

window.addEventListener("popstate", () => {
  const left = address.value;
  const asked = guard;
  if (!asked) {
    address.value = here();
    return;
  }
  const wanted = here();
  history.pushState(null, "", left); // the browser has moved already: step back until the person has answered
  void Promise.resolve(asked()).then((may) => {
    if (may) {
      history.pushState(null, "", wanted);
      address.value = here();
    }
  });
});

// Every same-origin link is ours, wherever it stands; with a modifier key the browser opens its own tab as always.
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement)) return;
  if (link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  if (link.pathname.startsWith("/api/")) return;
  event.preventDefault();
  void navigate(link.pathname + link.search);
});
