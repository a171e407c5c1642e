// What kinds of element are called, and which sign of bpmn.io's font stands for them.

import { t, type WordKey } from "../words";
import { type Drawn, eventDefinition, is, isEventSubProcess, text } from "./canvas/moddle";

interface KindWords {
  type: string;
  words: WordKey;
  icon: string;
}

// Special types before the general ones they derive from.
const kinds: readonly KindWords[] = [
  { type: "bpmn:StartEvent", words: "model.kind.start", icon: "start-event-none" },
  { type: "bpmn:EndEvent", words: "model.kind.end", icon: "end-event-none" },
  { type: "bpmn:Event", words: "model.kind.event", icon: "intermediate-event-none" },
  { type: "bpmn:UserTask", words: "model.kind.user", icon: "user-task" },
  { type: "bpmn:ServiceTask", words: "model.kind.service", icon: "service-task" },
  { type: "bpmn:ScriptTask", words: "model.kind.script", icon: "script-task" },
  { type: "bpmn:ManualTask", words: "model.kind.manual", icon: "manual-task" },
  { type: "bpmn:Task", words: "model.kind.task", icon: "task" },
  { type: "bpmn:SubProcess", words: "model.kind.sub", icon: "subprocess-expanded" },
  { type: "bpmn:Activity", words: "model.kind.activity", icon: "task" },
  { type: "bpmn:ExclusiveGateway", words: "model.kind.exclusive", icon: "gateway-xor" },
  { type: "bpmn:ParallelGateway", words: "model.kind.parallel", icon: "gateway-parallel" },
  { type: "bpmn:Gateway", words: "model.kind.gateway", icon: "gateway-none" },
  { type: "bpmn:SequenceFlow", words: "model.kind.flow", icon: "connection" },
  { type: "bpmn:MessageFlow", words: "model.kind.messageFlow", icon: "connection" },
  { type: "bpmn:Association", words: "model.kind.association", icon: "connection" },
  { type: "bpmn:Participant", words: "model.kind.pool", icon: "participant" },
  { type: "bpmn:Lane", words: "model.kind.lane", icon: "lane" },
  { type: "bpmn:TextAnnotation", words: "model.kind.annotation", icon: "text-annotation" },
  { type: "bpmn:Group", words: "model.kind.group", icon: "group" },
  { type: "bpmn:Process", words: "model.kind.process", icon: "participant" },
  { type: "bpmn:Collaboration", words: "model.kind.collaboration", icon: "participant" },
];

function kindOf(element: Drawn): KindWords | undefined {
  return kinds.find((kind) => is(element.businessObject, kind.type));
}

export function kindWords(element: Drawn): string {
  const object = element.businessObject;
  if (isEventSubProcess(object)) return t("model.kind.eventSub");
  if (is(object, "bpmn:StartEvent") && eventDefinition(object, "bpmn:MessageEventDefinition")) return t("model.kind.messageStart");
  return t(kindOf(element)?.words ?? "model.kind.other");
}

export function kindIcon(element: Drawn): string {
  return `bpmn-icon-${kindOf(element)?.icon ?? "task"}`;
}

/** Its name, or what it is. */
export function elementTitle(element: Drawn): string {
  const object = element.businessObject;
  return text(object, is(object, "bpmn:TextAnnotation") ? "text" : "name").replace(/\s+/g, " ").trim() || kindWords(element);
}
