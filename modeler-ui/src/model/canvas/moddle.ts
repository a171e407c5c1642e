// bpmn-moddle's objects as far as we touch them. The library has no types for them.

import { kindOf } from "../../elements";

export interface Moddle {
  $type: string;
  $parent?: Moddle;
  id?: string;
  get<T = unknown>(name: string): T;
  [name: string]: unknown;
}

/** What is drawn: a shape, a connection, or the root that holds them. */
export interface Drawn {
  id: string;
  type: string;
  businessObject: Moddle;
  parent: Drawn | null;
  children: Drawn[];
  incoming: Drawn[];
  outgoing: Drawn[];
  labelTarget?: Drawn;
  /** What is attached to its border, and what it is attached to. */
  attachers?: Drawn[];
  host?: Drawn;
  /** A sub-process whose content is on a sheet of its own. */
  collapsed?: boolean;
  source?: Drawn;
  target?: Drawn;
  waypoints?: { x: number; y: number }[];
  x: number;
  y: number;
  width: number;
  height: number;
}

/** True if the object is of that BPMN type or of one derived from it. */
export function is(object: Moddle | null | undefined, type: string): boolean {
  const of = object?.["$instanceOf"];
  return typeof of === "function" && Boolean((of as (type: string) => boolean).call(object, type));
}

export function text(object: Moddle | undefined, name: string): string {
  const value = object?.get(name);
  return value === undefined || value === null ? "" : String(value);
}

/** The process that an element stands for: the root itself, or the one behind a pool. */
export function processOf(object: Moddle | undefined): Moddle | null {
  if (is(object, "bpmn:Process")) return object ?? null;
  if (is(object, "bpmn:Participant")) return object?.get<Moddle | undefined>("processRef") ?? null;
  return null;
}

export function allExtensions(object: Moddle): Moddle[] {
  return object.get<Moddle | undefined>("extensionElements")?.get<Moddle[]>("values") ?? [];
}

export function extension(object: Moddle, type: string): Moddle | null {
  return allExtensions(object).find((value) => is(value, type)) ?? null;
}

export function isEventSubProcess(object: Moddle | undefined): boolean {
  return is(object, "bpmn:SubProcess") && Boolean(object?.get("triggeredByEvent"));
}

/** An XML name of BPMN from a moddle type: "bpmn:UserTask" → "userTask". */
export function tagOf(object: Moddle): string {
  const name = object.$type.replace(/^\w+:/, "");
  return name.charAt(0).toLowerCase() + name.slice(1);
}

export function definitionsOf(object: Moddle): Moddle[] {
  return is(object, "bpmn:Event") ? (object.get<Moddle[] | undefined>("eventDefinitions") ?? []) : [];
}

/** What the engine calls it: "timer_boundary_event". */
export function elementKind(object: Moddle): string {
  return kindOf(tagOf(object), definitionsOf(object).map(tagOf), isEventSubProcess(object));
}
