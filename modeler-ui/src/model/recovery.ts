// Unsaved work outlives a crashed browser: the last state of each diagram lies in this browser until it is saved or
// thrown away on purpose.

import { user } from "../shell/session";
import { read, store } from "../shell/stored";
import type { Origin } from "./origins";

export interface Kept {
  name: string;
  xml: string;
  at: string;
}

function slot(id: string | null): string {
  return `unsaved.${user.value?.name ?? ""}.${id ?? "new"}`; // browsers are shared, work is not
}

export function keep(id: string | null, kept: Kept): void {
  store(slot(id), JSON.stringify(kept));
}

export function forget(id: string | null): void {
  store(slot(id), null);
}

/** What was kept of this diagram and is not what was opened. */
export function keptOf(origin: Origin): Kept | null {
  if (origin.kind === "definition" || (origin.kind === "new" && origin.file !== null)) return null;
  const found = read(slot(origin.kind === "draft" ? origin.draft.id : null));
  if (!found) return null;
  try {
    const kept = JSON.parse(found) as Kept;
    return typeof kept.xml === "string" && kept.xml !== origin.xml ? kept : null;
  } catch {
    return null;
  }
}
