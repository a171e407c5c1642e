// What the list shows, as it stands in the address.

import type { Query } from "../http";
import type { UserTask } from "../records";

export const views = ["mine", "claimable", "all", "done"] as const;
export type View = (typeof views)[number];

export interface Filters {
  view: View;
  process: string;
  search: string;
}

export function filtersOf(query: URLSearchParams): Filters {
  const view = query.get("view") as View | null;
  return {
    view: view && views.includes(view) ? view : "mine",
    process: query.get("process") ?? "",
    search: query.get("q") ?? "",
  };
}

/** The part of the filters that the server answers. */
export function taskQuery(filters: Filters): Query {
  const state = filters.view === "done" ? "completed" : "open";
  const view = filters.view === "done" ? "mine" : filters.view;
  return { view, state, definition_key: filters.process || null };
}

/** The part that is answered from what is loaded: words in the task, the process or the business key. */
export function matches(task: UserTask, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [task.name, task.definition_name, task.business_key, task.assignee].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The address of a task, with the filters one came by. */
export function taskAddress(id: string | null, query: URLSearchParams): string {
  const text = query.toString();
  return (id ? `/inbox/${encodeURIComponent(id)}` : "/inbox") + (text ? `?${text}` : "");
}
