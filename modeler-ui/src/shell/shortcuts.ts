// Keyboard shortcuts: each place declares its own while it is shown; the help (`?`) lists what holds at the moment.
//
// Written as "mod+s" (Ctrl, or Command on a Mac), "g m" (one after the other), "?" or "shift+enter". Behind an open
// dialog none of them does anything.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t, type WordKey } from "../words";

export interface Shortcut {
  keys: string;
  words: WordKey;
  run: () => void;
}

interface Group {
  title: WordKey;
  shortcuts: readonly Shortcut[];
}

export const groups = signal<readonly Group[]>([]);

/** While mounted, these shortcuts work and are listed under `title`. */
export function useShortcuts(title: WordKey, shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const names = shortcuts.map((one) => one.keys).join("|");
  // Not after the next paint, as an effect would: who sees the place may press its keys.
  useLayoutEffect(() => {
    const group: Group = {
      title,
      shortcuts: latest.current.map((one, index) => ({ ...one, run: () => latest.current[index]?.run() })),
    };
    groups.value = [...groups.value, group];
    return () => {
      groups.value = groups.value.filter((other) => other !== group);
    };
  }, [title, names]);
}

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys of a shortcut as they stand on the keyboard: [["Ctrl", "S"]] or [["G"], ["M"]]. */
export function keyCaps(keys: string): string[][] {
  const names: Record<string, string> = {
    mod: mac ? "⌘" : t("key.control"),
    shift: mac ? "⇧" : t("key.shift"),
    alt: mac ? "⌥" : "Alt",
    enter: "↵",
    escape: "Esc",
    up: "↑",
    down: "↓",
    delete: t("key.delete"),
  };
  return keys.split(" ").map((stroke) =>
    (stroke === "+" ? ["+"] : stroke.split("+")).map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key)),
  );
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) return false; // takes no letters
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The event as one stroke: "mod+s", "?", "g". Shift counts only with letters and named keys. */
export function strokeOf(event: KeyboardEvent): string {
  const key = event.key === " " ? "space" : event.key.toLowerCase().replace(/^arrow/, "");
  const mod = mac ? event.metaKey : event.ctrlKey;
  const shift = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  return (mod ? "mod+" : "") + (event.altKey ? "alt+" : "") + (shift ? "shift+" : "") + key;
}

let begun = "";
let begunAt = 0;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const stroke = strokeOf(event);
  // While somebody types, plain keys are text, and undo, copy and their like are the field's own.
  if (typing(event.target) && (!stroke.startsWith("mod+") || /^mod\+(shift\+)?[zyxcva]$/.test(stroke))) return;

  const sequence = begun && event.timeStamp - begunAt < 1200 ? `${begun} ${stroke}` : stroke;
  begun = "";
  const all = groups.value.flatMap((group) => group.shortcuts).reverse(); // the innermost place wins
  const found = all.find((one) => one.keys === sequence) ?? all.find((one) => one.keys === stroke);
  if (found) {
    event.preventDefault();
    found.run();
  } else if (all.some((one) => one.keys.startsWith(`${stroke} `))) {
    begun = stroke;
    begunAt = event.timeStamp;
  }
});
