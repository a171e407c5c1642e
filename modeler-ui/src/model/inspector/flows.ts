// What gateways wait for, and which way is taken.

import { is, type Moddle, text } from "../canvas/moddle";
import { expression, flag, type Section, type Subject, type } from "./fields";

const choosing = ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:ComplexGateway"];

/** A condition says something only where a choice is made: behind these gateways, and behind activities. */
function chooses({ object }: Subject): boolean {
  if (!is(object, "bpmn:SequenceFlow")) return false;
  const source = object.get<Moddle>("sourceRef");
  return [...choosing, "bpmn:Activity"].some((one) => is(source, one));
}

export const flows: readonly Section[] = [
  {
    id: "activation",
    title: "inspect.section.activation",
    applies: type("bpmn:ComplexGateway"),
    filled: ({ object }) => object.get("activationCondition") !== undefined,
    fields: [
      {
        ...expression("activationCondition"),
        id: "activation",
        label: "inspect.field.activation",
        hint: "inspect.hint.activation",
        placeholder: "inspect.placeholder.activation",
      },
    ],
  },
  {
    id: "instantiate",
    title: "inspect.section.startsInstances",
    quiet: true,
    applies: ({ object }) => is(object, "bpmn:EventBasedGateway") || is(object, "bpmn:ReceiveTask"),
    filled: ({ object }) => object.get("instantiate") === true,
    fields: ({ object }) => [
      {
        ...flag("instantiate", false),
        id: "instantiate",
        label: "inspect.field.instantiate",
        hint: "inspect.hint.instantiate",
        write: ({ drawing, element }: Subject, value: boolean) =>
          drawing.update(element, {
            instantiate: value || undefined,
            ...(is(object, "bpmn:EventBasedGateway") && !value ? { eventGatewayType: undefined } : {}),
          }),
      },
      ...(is(object, "bpmn:EventBasedGateway") && object.get("instantiate") === true
        ? [
            {
              id: "all-events",
              kind: "toggle" as const,
              label: "inspect.field.allEvents" as const,
              hint: "inspect.hint.allEvents" as const,
              read: () => object.get("eventGatewayType") === "Parallel",
              write: ({ drawing, element }: Subject, value: boolean) =>
                drawing.update(element, { eventGatewayType: value ? "Parallel" : undefined }),
            },
          ]
        : []),
    ],
  },
  {
    id: "ways",
    title: "model.section.ways",
    applies: ({ object }) => choosing.some((one) => is(object, one)),
    filled: ({ element }) => element.outgoing.length > 1,
    fields: [{ id: "ways", kind: "ways" }],
  },
  {
    id: "condition",
    title: "model.section.condition",
    applies: chooses,
    filled: (subject) => readCondition(subject.object) !== "" || isDefault(subject.object),
    fields: ({ object }) => [
      {
        id: "default",
        kind: "toggle",
        label: "model.field.default",
        hint: is(object.get<Moddle>("sourceRef"), "bpmn:Activity") ? "inspect.hint.defaultOfActivity" : "model.hint.default",
        read: () => isDefault(object),
        write: writeDefault,
      },
      {
        id: "condition",
        kind: "code",
        label: "model.field.condition",
        hint: "model.hint.condition",
        placeholder: "model.placeholder.condition",
        read: () => readCondition(object),
        write: writeCondition,
      },
    ],
  },
];

export function readCondition(flow: Moddle): string {
  return text(flow.get<Moddle | undefined>("conditionExpression"), "body");
}

export function writeCondition({ drawing, element }: Subject, value: string): void {
  const condition = value.trim() ? drawing.create("bpmn:FormalExpression", { body: value.trim() }) : undefined;
  drawing.update(element, { conditionExpression: condition });
}

export function isDefault(flow: Moddle): boolean {
  return flow.get<Moddle | undefined>("sourceRef")?.get("default") === flow;
}

function writeDefault({ drawing, element, object }: Subject, value: boolean): void {
  if (element.source) drawing.update(element.source, { default: value ? object : undefined });
}
