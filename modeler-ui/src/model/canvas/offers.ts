// What can be drawn: one entry for each kind of element that the engine runs, made from its table. Diagrams brought from
// elsewhere open whole all the same; the check says what cannot run.

import { definitionTag, type EventName, type EventPlace, runs, typedEvent } from "../../elements";

export const groups = ["task", "sub", "gateway", "start", "catch", "throw", "end", "boundary", "data", "pool"] as const;
export type Group = (typeof groups)[number];

export interface Offer {
  /** The engine's kind; what has no behaviour: its own name. */
  kind: string;
  group: Group;
  /** The sign of it in bpmn.io's font. */
  icon: string;
  /** What bpmn-js makes a shape of. */
  attributes: { type: string; eventDefinitionType?: string; [name: string]: unknown };
  /** The event definitions of an event that has several. */
  several?: readonly string[];
}

const plain: Record<string, [Group, icon: string, attributes?: object]> = {
  start_event: ["start", "start-event-none"],
  end_event: ["end", "end-event-none"],
  intermediate_throw_event: ["throw", "intermediate-event-none"],
  user_task: ["task", "user-task"],
  service_task: ["task", "service-task"],
  script_task: ["task", "script-task"],
  send_task: ["task", "send-task"],
  receive_task: ["task", "receive-task"],
  business_rule_task: ["task", "business-rule-task"],
  manual_task: ["task", "manual-task"],
  task: ["task", "task"],
  call_activity: ["task", "call-activity"],
  sub_process: ["sub", "subprocess-expanded", { isExpanded: true }],
  event_sub_process: ["sub", "event-subprocess-expanded", { isExpanded: true, triggeredByEvent: true }],
  transaction: ["sub", "transaction", { isExpanded: true }],
  ad_hoc_sub_process: ["sub", "ad-hoc-subprocess", { isExpanded: true }],
  exclusive_gateway: ["gateway", "gateway-xor"],
  parallel_gateway: ["gateway", "gateway-parallel"],
  inclusive_gateway: ["gateway", "gateway-or"],
  event_based_gateway: ["gateway", "gateway-eventbased"],
  complex_gateway: ["gateway", "gateway-complex"],
};

const places: Record<EventPlace, [Group, icon: string]> = {
  start_event: ["start", "start-event"],
  intermediate_catch_event: ["catch", "intermediate-event-catch"],
  boundary_event: ["boundary", "intermediate-event-catch"],
  intermediate_throw_event: ["throw", "intermediate-event-throw"],
  end_event: ["end", "end-event"],
};

/** The two events that a new "multiple" event begins with. */
const firstOfSeveral: Record<EventPlace, readonly EventName[]> = {
  start_event: ["message", "timer"],
  intermediate_catch_event: ["message", "timer"],
  boundary_event: ["message", "timer"],
  intermediate_throw_event: ["message", "signal"],
  end_event: ["message", "signal"],
};

const upper = (tag: string): string => tag.charAt(0).toUpperCase() + tag.slice(1);
const definitionType = (event: EventName): string => `bpmn:${upper(definitionTag(event))}`;

/** What to draw for a kind; null where we do not know how. */
export function offerOf(kind: string, tag: string): Offer | null {
  const type = `bpmn:${upper(tag)}`;
  const typed = typedEvent(kind);
  if (typed) {
    const { event, place } = typed;
    const [group, icon] = places[place];
    const found = { kind, group, icon: `${icon}-${event === "conditional" ? "condition" : event}` };
    if (event !== "multiple") return { ...found, attributes: { type, eventDefinitionType: definitionType(event) } };
    return { ...found, attributes: { type }, several: firstOfSeveral[place].map(definitionType) };
  }
  const look = plain[kind];
  return look ? { kind, group: look[0], icon: look[1], attributes: { type, ...look[2] } } : null;
}

const order = Object.keys(plain);
const rank = (offer: Offer): number => {
  const at = order.indexOf(offer.kind);
  return at < 0 ? order.length : at;
};

/** All that runs, as menus list it. */
export const offers: readonly Offer[] = [...runs]
  .flatMap(([kind, tag]) => offerOf(kind, tag) ?? [])
  .sort((one, other) => groups.indexOf(one.group) - groups.indexOf(other.group) || rank(one) - rank(other));

export function offer(kind: string): Offer {
  const found = offers.find((one) => one.kind === kind);
  if (!found) throw new Error(`the engine runs no ${kind}`);
  return found;
}

/** The events that may follow an event-based gateway, besides receive tasks (BPMN 2.0.2, 10.6.6). */
const awaited = ["message", "timer", "signal", "conditional"];

/** Whether it may stand behind an element of that type. */
export function follows(one: Offer, sourceType: string): boolean {
  if (one.group === "start" || one.group === "boundary" || one.group === "data" || one.group === "pool") return false;
  if (one.kind === "event_sub_process" || one.kind.startsWith("link_intermediate_catch")) return false;
  if (sourceType !== "bpmn:EventBasedGateway") return true;
  return one.kind === "receive_task" || (one.group === "catch" && awaited.includes(typedEvent(one.kind)?.event ?? ""));
}

/** Whether it may be attached to an activity of that type: only a transaction can be cancelled. */
export function attaches(one: Offer, hostType: string): boolean {
  return one.group === "boundary" && (one.kind !== "cancel_boundary_event" || hostType === "bpmn:Transaction");
}

/** Events that always interrupt (Table 10.93). */
export function alwaysInterrupts(definitionTypes: readonly string[]): boolean {
  return definitionTypes.some((type) => /:(Error|Cancel|Compensate)EventDefinition$/.test(type));
}
