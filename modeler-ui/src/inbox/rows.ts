// Which rows the list shows, and where. While somebody works on a task nothing may move under their eyes: rows that
// are there keep their order, new ones come after them, and the task in hand stays until it is put away.

import type { UserTask } from "../records";

export interface Row {
  task: UserTask;
  /** Came in while a task was open. */
  fresh: boolean;
}

export function arrange(shown: readonly Row[], fetched: readonly UserTask[], selected: UserTask | null): Row[] {
  if (!selected || shown.length === 0) return fetched.map((task) => ({ task, fresh: false }));
  const byId = new Map(fetched.map((task) => [task.id, task]));
  const kept: Row[] = [];
  const placed = new Set<string>();
  for (const { task, fresh } of shown) {
    const now = byId.get(task.id) ?? (task.id === selected.id && selected.state === "open" ? selected : null);
    if (!now) continue;
    kept.push({ task: now, fresh: fresh && task.id !== selected.id });
    placed.add(task.id);
  }
  for (const task of fetched) {
    if (!placed.has(task.id)) kept.push({ task, fresh: true });
  }
  return kept;
}

/** The row to go to when `id` leaves the list: the next one, else the one before. */
export function neighbour(rows: readonly Row[], id: string): string | null {
  const at = rows.findIndex((row) => row.task.id === id);
  if (at < 0) return rows[0]?.task.id ?? null;
  return (rows[at + 1] ?? rows[at - 1])?.task.id ?? null;
}

/** The row `steps` away from `id`; without one, the first or last. */
export function stepped(rows: readonly Row[], id: string | null, steps: 1 | -1): string | null {
  const at = rows.findIndex((row) => row.task.id === id);
  if (at < 0) return (steps > 0 ? rows[0] : rows[rows.length - 1])?.task.id ?? null;
  return rows[Math.min(rows.length - 1, Math.max(0, at + steps))]?.task.id ?? null;
}
