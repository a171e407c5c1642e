// What an event waits for or throws: a section for each of its event definitions.

import { definitionsOf, type Drawn, is, isEventSubProcess, type Moddle, text } from "../canvas/moddle";
import { alwaysInterrupts } from "../canvas/offers";
import { elementTitle } from "../kinds";
import type { WordKey } from "../../words";
import { t } from "../../words";
import { attribute, expression, type Field, flag, type Holder, type Section, some, type Subject, variableFault } from "./fields";

const throwsEvents = (object: Moddle) => is(object, "bpmn:ThrowEvent") || is(object, "bpmn:SendTask");
const startsInstances = (object: Moddle) =>
  (is(object, "bpmn:StartEvent") && !is(object.$parent, "bpmn:SubProcess")) || object.get("instantiate") === true;

/** What is received or sent, which one, and what comes with it. */
export function messageFields(holder: Holder, { object }: Subject): Field[] {
  const thrown = throwsEvents(object);
  const keys: Field = {
    id: "correlation",
    kind: "pairs",
    holder,
    type: "signalbox:Correlation",
    key: "key",
    label: "inspect.field.keys",
    hint: thrown ? "inspect.hint.keysThrown" : "inspect.hint.keysCaught",
    nameLabel: "inspect.pair.key",
    valueLabel: "inspect.pair.value",
    add: "inspect.add.key",
  };
  if (!thrown) {
    // Before an instance there is nothing to compare keys with.
    return [{ id: "message", kind: "declared", what: "message", holder }, ...(startsInstances(object) ? [] : [keys]), intoVariable(holder)];
  }
  return [
    { id: "message", kind: "declared", what: "message", holder },
    keys,
    payload(holder),
    {
      id: "time-to-live",
      kind: "text",
      mono: true,
      label: "inspect.field.timeToLive",
      hint: "inspect.hint.timeToLive",
      placeholder: "inspect.placeholder.timeToLive",
      ...attribute("signalbox:timeToLive", holder),
    },
  ];
}

const payload = (holder: Holder): Field => ({
  id: "payload",
  kind: "pairs",
  holder,
  type: "signalbox:Payload",
  key: "name",
  label: "inspect.field.payload",
  hint: "inspect.hint.payload",
  nameLabel: "inspect.pair.name",
  valueLabel: "inspect.pair.value",
  add: "inspect.add.payload",
});

const intoVariable = (holder: Holder, hint: WordKey = "inspect.hint.variable"): Field => ({
  id: "variable",
  kind: "text",
  mono: true,
  label: "inspect.field.variable",
  hint,
  fault: variableFault,
  ...attribute("signalbox:variable", holder),
});

/** The title of a definition's section, and its fields. */
function definitionSection(definition: Moddle, subject: Subject): { title: WordKey; fields: readonly Field[] } | null {
  const holder: Holder = () => definition;
  const thrown = throwsEvents(subject.object);
  switch (definition.$type) {
    case "bpmn:MessageEventDefinition":
      return { title: "model.section.message", fields: messageFields(holder, subject) };
    case "bpmn:TimerEventDefinition":
      return { title: "inspect.section.timer", fields: [{ id: "timer", kind: "timer", holder }] };
    case "bpmn:SignalEventDefinition":
      return {
        title: "inspect.section.signal",
        fields: [{ id: "signal", kind: "declared", what: "signal", holder }, ...(thrown ? [payload(holder)] : [])],
      };
    case "bpmn:ErrorEventDefinition":
      return {
        title: "inspect.section.error",
        fields: thrown
          ? [{ id: "error", kind: "declared", what: "error", holder }]
          : [{ id: "error", kind: "declared", what: "error", holder, none: "inspect.none.error" }, intoVariable(holder, "inspect.hint.caughtVariable")],
      };
    case "bpmn:EscalationEventDefinition":
      return {
        title: "inspect.section.escalation",
        fields: thrown
          ? [{ id: "escalation", kind: "declared", what: "escalation", holder }]
          : [
              { id: "escalation", kind: "declared", what: "escalation", holder, none: "inspect.none.escalation" },
              intoVariable(holder, "inspect.hint.caughtVariable"),
            ],
      };
    case "bpmn:ConditionalEventDefinition":
      return {
        title: "model.section.condition",
        fields: [
          {
            ...expression("condition", holder),
            id: "event-condition",
            label: "model.field.condition",
            hint: "inspect.hint.eventCondition",
            placeholder: "inspect.placeholder.eventCondition",
            required: true,
          },
        ],
      };
    case "bpmn:LinkEventDefinition":
      return { title: "inspect.section.link", fields: [linkName(holder, subject)] };
    case "bpmn:CompensateEventDefinition":
      return thrown ? { title: "inspect.section.compensation", fields: compensationFields(holder) } : null;
    default:
      return null; // cancel and terminate say all by themselves
  }
}

function linkName(holder: Holder, { object }: Subject): Field {
  const other = is(object, "bpmn:ThrowEvent") ? "bpmn:IntermediateCatchEvent" : "bpmn:IntermediateThrowEvent";
  const isLink = (one: Moddle) => one.$type === "bpmn:LinkEventDefinition";
  return {
    id: "link",
    kind: "text",
    label: "inspect.field.link",
    hint: "inspect.hint.link",
    required: true,
    suggestions: ({ drawing }) => {
      const links = drawing.find.all((one) => is(one.businessObject, other)).flatMap((one) => definitionsOf(one.businessObject).filter(isLink));
      return links.map((one) => text(one, "name")).filter((name) => name !== "");
    },
    ...attribute("name", holder),
  };
}

function compensationFields(holder: Holder): Field[] {
  return [
    {
      id: "compensated",
      kind: "choice",
      label: "inspect.field.compensated",
      hint: "inspect.hint.compensated",
      choices: (subject) => [
        { value: "", label: t("inspect.choice.everything") },
        ...undoable(subject).map((one) => ({ value: one.id, label: elementTitle(one) })),
      ],
      read: (subject) => holder(subject).get<Moddle | undefined>("activityRef")?.id ?? "",
      write: (subject, value) =>
        subject.drawing.updateInside(subject.element, holder(subject), {
          activityRef: value ? subject.drawing.find.element(value)?.businessObject : undefined,
        }),
    },
    {
      ...flag("waitForCompletion", true, holder),
      id: "wait",
      label: "inspect.field.wait",
      hint: "inspect.hint.wait",
    },
  ];
}

/** Activities that the event can see and that can be undone: with a handler attached, or sub-processes. */
function undoable({ drawing, element }: Subject): Drawn[] {
  const scopes = new Set<Drawn>();
  for (let around = element.parent; around; around = around.parent) {
    scopes.add(around);
    if (!isEventSubProcess(around.businessObject)) break;
  }
  const handled = (one: Drawn) =>
    (one.attachers ?? []).some((event) => definitionsOf(event.businessObject).some((definition) => is(definition, "bpmn:CompensateEventDefinition")));
  return drawing.find.all(
    (one) =>
      is(one.businessObject, "bpmn:Activity") &&
      one.parent !== null &&
      scopes.has(one.parent) &&
      !isEventSubProcess(one.businessObject) &&
      (is(one.businessObject, "bpmn:SubProcess") || handled(one)),
  );
}

const definitionTypes = (object: Moddle) => definitionsOf(object).map((one) => one.$type);

const filledBy = (definition: Moddle) => () =>
  some(definition, "messageRef", "signalRef", "errorRef", "escalationRef", "name", "activityRef", "signalbox:variable") ||
  ["timeDate", "timeDuration", "timeCycle"].some((name) => definition.get(name) !== undefined) ||
  text(definition.get<Moddle | undefined>("condition"), "body") !== "";

/** The sections of an event's definitions; several of one kind each have their own. */
export function eventSections(subject: Subject): Section[] {
  return definitionsOf(subject.object).flatMap((definition, index) => {
    const found = definitionSection(definition, subject);
    if (!found || found.fields.length === 0) return [];
    return [{ id: `${definition.$type}-${index}`, title: found.title, applies: () => true, filled: filledBy(definition), fields: found.fields }];
  });
}

export const interruption: Section = {
  id: "interruption",
  title: "inspect.section.interruption",
  applies: ({ object }) =>
    !alwaysInterrupts(definitionTypes(object)) &&
    (is(object, "bpmn:BoundaryEvent") || (is(object, "bpmn:StartEvent") && isEventSubProcess(object.$parent))),
  fields: ({ object }) => [
    is(object, "bpmn:BoundaryEvent")
      ? { ...flag("cancelActivity", true), id: "interrupting", label: "inspect.field.cancels", hint: "inspect.hint.cancels" }
      : { ...flag("isInterrupting", true), id: "interrupting", label: "model.field.interrupting", hint: "model.hint.interrupting" },
  ],
};

/** Several events in one: which, and whether one of them is enough. */
export const several: Section = {
  id: "events",
  title: "inspect.section.events",
  applies: ({ object }) => definitionsOf(object).length > 1,
  fields: ({ object }) => [
    { id: "events", kind: "events" },
    ...(is(object, "bpmn:CatchEvent")
      ? [
          {
            ...flag("parallelMultiple", false),
            id: "all-of-them",
            label: "inspect.field.allOfThem" as const,
            hint: "inspect.hint.allOfThem" as const,
          },
        ]
      : []),
  ],
};
