// Activities that run several times: the body is one row of the history, each run another inside it, of the same element.

import type { ActivityInstance } from "../records";

type Row = Pick<ActivityInstance, "id" | "element_id" | "parent" | "state">;

export interface Repetition<T> {
  /** The runs that have begun, in their order. */
  runs: T[];
  done: number;
  running: number;
}

/** Body → its runs. A body itself does nothing: only its runs are counted where activities are. */
export function repetitions<T extends Row>(items: readonly T[]): Map<number, Repetition<T>> {
  const byId = new Map(items.map((one) => [one.id, one]));
  const found = new Map<number, Repetition<T>>();
  for (const one of items) {
    const body = one.parent === null || one.parent === undefined ? undefined : byId.get(one.parent);
    if (!body || body.element_id !== one.element_id) continue;
    const held = found.get(body.id) ?? { runs: [], done: 0, running: 0 };
    held.runs.push(one);
    if (one.state === "completed") held.done += 1;
    if (one.state === "active" || one.state === "failed") held.running += 1;
    found.set(body.id, held);
  }
  return found;
}

/** What is left out of a list: everything inside the bodies that are folded. */
export function foldedAway(items: readonly Row[], folded: ReadonlySet<number>): Set<number> {
  const hidden = new Set<number>();
  for (const one of items) {
    if (one.parent !== null && (folded.has(one.parent) || hidden.has(one.parent))) hidden.add(one.id);
  }
  return hidden;
}

/** Run → which one it is, from 1. */
export function runNumbers(bodies: ReadonlyMap<number, Repetition<Row>>): Map<number, number> {
  return new Map([...bodies.values()].flatMap(({ runs }) => runs.map((run, index) => [run.id, index + 1] as const)));
}
