// What the engine runs, from the language's own table (bpmn/elements.py; elements.json is made by
// `python -m bpmn.elements`, and a test holds the two together).

import table from "./elements.json";

export const eventNames = [
  "message",
  "timer",
  "signal",
  "conditional",
  "error",
  "escalation",
  "compensation",
  "cancel",
  "link",
  "terminate",
  "multiple",
] as const;
export type EventName = (typeof eventNames)[number];

export const eventPlaces = [
  "start_event",
  "intermediate_catch_event",
  "boundary_event",
  "intermediate_throw_event",
  "end_event",
] as const;
export type EventPlace = (typeof eventPlaces)[number];

/** Kind ("timer_boundary_event") → its element in BPMN's XML ("boundaryEvent"). */
export const runs: ReadonlyMap<string, string> = new Map(table.runs.map(({ kind, tag }) => [kind, tag]));

/** Drawn without behaviour, by their XML names. */
export const harmless: ReadonlySet<string> = new Set(table.harmless);

/** "timer_boundary_event" → timer at a boundary; null where the kind is no typed event. */
export function typedEvent(kind: string): { event: EventName; place: EventPlace } | null {
  const event = eventNames.find((name) => kind.startsWith(`${name}_`));
  const place = event && eventPlaces.find((name) => kind === `${event}_${name}`);
  return event && place ? { event, place } : null;
}

/** The event definition of BPMN that stands for an event: "messageEventDefinition". */
export function definitionTag(event: EventName): string {
  return `${event === "compensation" ? "compensate" : event}EventDefinition`;
}

/** The kind of an element as the engine names it, from its XML name and those of its event definitions. */
export function kindOf(tag: string, definitions: readonly string[] = [], triggeredByEvent = false): string {
  const base = triggeredByEvent ? "event_sub_process" : tag.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (definitions.length === 0) return base;
  if (definitions.length > 1) return `multiple_${base}`;
  const event = eventNames.find((name) => definitionTag(name) === definitions[0]);
  return event ? `${event}_${base}` : base;
}
