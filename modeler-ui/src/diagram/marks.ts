// What is drawn on top of a diagram: where an instance stands, where it has been, what holds it up.

import type { Activities, ActivityInstance, Incident, Waiting } from "../records";
import { repetitions } from "./repetition";

export interface Marks {
  /** Activity instances that are there now, per element. */
  tokens: Map<string, number>;
  /** Sub-processes in which something is going on. */
  inside: Set<string>;
  /** Sub-processes in which an incident is open. */
  troubled: Set<string>;
  /** Elements with an open incident, and what to say about it. */
  failed: Map<string, string>;
  /** Elements that were completed at least once. */
  done: Set<string>;
  /** Sequence flows that were taken. */
  flows: Set<string>;
  /** Joins that still wait, and the words for it. */
  waits: Map<string, string>;
  /** Timers that run, and when they are due, in words. */
  due: Map<string, string>;
  /** Activities that run several times, and how far they are, in words. */
  repeated: Map<string, string>;
}

/** How what is drawn is put into words. */
export interface MarkWords {
  /** What a join misses. */
  waits(missing: string[]): string;
  due(time: string): string;
  repeated(done: number, begun: number): string;
}

export function noMarks(): Marks {
  return {
    tokens: new Map(),
    inside: new Set(),
    troubled: new Set(),
    failed: new Map(),
    done: new Set(),
    flows: new Set(),
    waits: new Map(),
    due: new Map(),
    repeated: new Map(),
  };
}

/** Marks of one instance. */
export function instanceMarks(
  activities: Pick<Activities, "items" | "joins">,
  incidents: readonly Incident[],
  words: MarkWords,
  waiting: readonly Waiting[] = [],
): Marks {
  const marks = noMarks();
  const bodies = repetitions(activities.items);
  const byId = new Map(activities.items.map((activity) => [activity.id, activity]));
  for (const activity of activities.items) {
    if (activity.flow_id) marks.flows.add(activity.flow_id);
    if (activity.state === "completed") marks.done.add(activity.element_id);
    if (!isHere(activity)) continue;
    if (activity.state === "failed") {
      for (let outer = parentOf(activity, byId); outer; outer = parentOf(outer, byId)) marks.troubled.add(outer.element_id);
    }
    const runs = bodies.get(activity.id);
    if (runs) {
      marks.repeated.set(activity.element_id, words.repeated(runs.done, runs.runs.length));
      if (holdsOthers(activity)) marks.inside.add(activity.element_id);
      continue; // its runs are here, not it
    }
    if (holdsOthers(activity)) marks.inside.add(activity.element_id);
    else marks.tokens.set(activity.element_id, (marks.tokens.get(activity.element_id) ?? 0) + 1);
  }
  for (const incident of incidents) {
    if (incident.state === "open") marks.failed.set(incident.element_id, incident.message);
  }
  for (const join of activities.joins) {
    const missing = join.flows.filter((flow) => flow.arrived === 0).map((flow) => flow.source_name || flow.source_id);
    marks.waits.set(join.element_id, words.waits(missing));
    for (const flow of join.flows) if (flow.arrived > 0) marks.flows.add(flow.flow_id);
  }
  for (const { element_id, due_at } of soonestFirst(waiting)) {
    if (due_at && !marks.due.has(element_id)) marks.due.set(element_id, words.due(due_at));
  }
  return marks;
}

function soonestFirst(waiting: readonly Waiting[]): Waiting[] {
  const timers = waiting.filter((one) => one.kind === "timer" && one.due_at);
  return timers.sort((one, other) => (one.due_at ?? "").localeCompare(other.due_at ?? ""));
}

function holdsOthers({ kind }: ActivityInstance): boolean {
  return kind.endsWith("sub_process") || kind === "transaction";
}

function parentOf(activity: ActivityInstance, byId: Map<number, ActivityInstance>): ActivityInstance | undefined {
  return activity.parent === null ? undefined : byId.get(activity.parent);
}

function isHere(activity: ActivityInstance): boolean {
  return activity.state === "active" || activity.state === "failed";
}

/** Marks of a single place: "you are here". */
export function placeMarks(elementId: string): Marks {
  const marks = noMarks();
  marks.tokens.set(elementId, 1);
  return marks;
}
