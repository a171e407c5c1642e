// What kinds of element are called, and which sign of bpmn.io's font stands for them.

import { t, type WordKey } from "../words";
import { kindText } from "../words/kinds";
import { type Drawn, elementKind, is, isEventSubProcess, text } from "./canvas/moddle";
import { offers } from "./canvas/offers";

interface KindWords {
  type: string;
  words: WordKey;
  icon: string;
}

const others: readonly KindWords[] = [
  { type: "bpmn:SequenceFlow", words: "model.kind.flow", icon: "connection" },
  { type: "bpmn:MessageFlow", words: "model.kind.messageFlow", icon: "connection" },
  { type: "bpmn:Association", words: "model.kind.association", icon: "connection" },
  { type: "bpmn:DataAssociation", words: "model.kind.dataAssociation", icon: "connection" },
  { type: "bpmn:DataObjectReference", words: "model.kind.data", icon: "data-object" },
  { type: "bpmn:DataStoreReference", words: "model.kind.store", icon: "data-store" },
  { type: "bpmn:Participant", words: "model.kind.pool", icon: "participant" },
  { type: "bpmn:Lane", words: "model.kind.lane", icon: "lane" },
  { type: "bpmn:TextAnnotation", words: "model.kind.annotation", icon: "text-annotation" },
  { type: "bpmn:Group", words: "model.kind.group", icon: "group" },
  { type: "bpmn:Process", words: "model.kind.process", icon: "participant" },
  { type: "bpmn:Collaboration", words: "model.kind.collaboration", icon: "participant" },
];

const icons = new Map(offers.map((one) => [one.kind, one.icon]));

export function kindWords({ businessObject: object }: Drawn): string {
  if (!is(object, "bpmn:FlowNode")) return t(others.find((one) => is(object, one.type))?.words ?? "model.kind.other");
  const words = kindText(elementKind(object));
  const beside =
    (is(object, "bpmn:BoundaryEvent") && object.get("cancelActivity") === false) ||
    (is(object, "bpmn:StartEvent") && isEventSubProcess(object.$parent) && object.get("isInterrupting") === false);
  return beside ? t("kind.beside", { kind: words }) : words;
}

export function kindIcon({ businessObject: object }: Drawn): string {
  if (is(object, "bpmn:FlowNode")) return `bpmn-icon-${icons.get(elementKind(object)) ?? "intermediate-event-none"}`;
  return `bpmn-icon-${others.find((one) => is(object, one.type))?.icon ?? "task"}`;
}

/** Its name, or what it is. */
export function elementTitle(element: Drawn): string {
  const object = element.businessObject;
  return text(object, is(object, "bpmn:TextAnnotation") ? "text" : "name").replace(/\s+/g, " ").trim() || kindWords(element);
}
