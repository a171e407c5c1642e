// What activities have besides what they do: called processes, messages, repetition, inputs and outputs, being undone.

import { get } from "../../http";
import type { Page, ProcessDefinition } from "../../records";
import { t } from "../../words";
import { allExtensions, is, isEventSubProcess, type Moddle, text } from "../canvas/moddle";
import { messageFields } from "./events";
import {
  attribute,
  expression,
  type Field,
  flag,
  type Holder,
  itself,
  type Section,
  some,
  type Subject,
  type,
  variableFault,
  wholeNumber,
} from "./fields";

const has = (object: Moddle, ...types: string[]) => allExtensions(object).some((one) => types.some((wanted) => is(one, wanted)));

const pairs = (name: "in" | "out" | "input" | "output"): Field => ({
  id: name,
  kind: "pairs",
  holder: itself,
  type: `signalbox:${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  key: "name",
  label: `inspect.field.${name}`,
  hint: `inspect.hint.${name}`,
  nameLabel: "inspect.pair.name",
  valueLabel: "inspect.pair.value",
  add: `inspect.add.${name}`,
});

// --- calling another process ----------------------------------------------------------------------------------------------
const binding = ({ object }: Subject) => text(object, "signalbox:binding") || (text(object, "signalbox:version") ? "version" : "latest");

const called: Section = {
  id: "called",
  title: "inspect.section.called",
  applies: type("bpmn:CallActivity"),
  filled: ({ object }) => some(object, "calledElement"),
  fields: (subject) => [
    {
      id: "called-element",
      kind: "text",
      mono: true,
      required: true,
      label: "inspect.field.called",
      hint: "inspect.hint.called",
      placeholder: "inspect.placeholder.called",
      suggestions: deployedKeys,
      ...attribute("calledElement"),
    },
    {
      id: "binding",
      kind: "choice",
      label: "inspect.field.binding",
      choices: () => [
        { value: "latest", label: t("inspect.choice.latest") },
        { value: "deployment", label: t("inspect.choice.deployment") },
        { value: "version", label: t("inspect.choice.version") },
      ],
      read: binding,
      write: ({ drawing, element }, value) =>
        drawing.update(element, {
          "signalbox:binding": value === "latest" ? undefined : value,
          ...(value === "version" ? {} : { "signalbox:version": undefined }),
        }),
    },
    ...(binding(subject) === "version"
      ? [{ id: "version", label: "inspect.field.version" as const, ...wholeNumber("signalbox:version", 1, 1_000_000) }]
      : []),
    {
      id: "business-key",
      kind: "text",
      label: "inspect.field.businessKey",
      hint: "inspect.hint.businessKey",
      placeholder: "inspect.placeholder.businessKey",
      ...attribute("signalbox:businessKey"),
    },
  ],
};

const exchanged: Section = {
  id: "exchanged",
  title: "inspect.section.exchanged",
  applies: type("bpmn:CallActivity"),
  filled: ({ object }) => has(object, "signalbox:In", "signalbox:Out") || some(object, "signalbox:allIn", "signalbox:allOut"),
  fields: [
    { ...flag("signalbox:allIn", false), id: "all-in", label: "inspect.field.allIn" },
    pairs("in"),
    { ...flag("signalbox:allOut", false), id: "all-out", label: "inspect.field.allOut" },
    pairs("out"),
  ],
};

async function deployedKeys(): Promise<string[]> {
  const page = await get<Page<ProcessDefinition>>("/process-definitions", { latest: true, limit: 200 });
  return page.items.map(({ key }) => key);
}

// --- messages ---------------------------------------------------------------------------------------------------------------
const message: Section = {
  id: "message",
  title: "model.section.message",
  applies: ({ object }) => is(object, "bpmn:SendTask") || is(object, "bpmn:ReceiveTask"),
  filled: ({ object }) => some(object, "messageRef"),
  fields: (subject) => messageFields(itself, subject),
};

// --- repetition -------------------------------------------------------------------------------------------------------------
const loop: Holder = ({ object }) => object.get<Moddle>("loopCharacteristics");
type Repeats = "" | "loop" | "parallel" | "sequential";

export function repeats(object: Moddle): Repeats {
  const characteristics = object.get<Moddle | undefined>("loopCharacteristics");
  if (!characteristics) return "";
  if (is(characteristics, "bpmn:StandardLoopCharacteristics")) return "loop";
  return characteristics.get("isSequential") === true ? "sequential" : "parallel";
}

function repeat({ drawing, element, object }: Subject, wanted: string): void {
  const now = repeats(object);
  const several = (one: string) => one === "parallel" || one === "sequential";
  if (several(now) && several(wanted)) {
    drawing.updateInside(element, loop({ drawing, element, object }), { isSequential: wanted === "sequential" });
    return;
  }
  const made =
    wanted === "loop"
      ? drawing.create("bpmn:StandardLoopCharacteristics")
      : several(wanted)
        ? drawing.create("bpmn:MultiInstanceLoopCharacteristics", { isSequential: wanted === "sequential" })
        : undefined;
  if (made) made.$parent = object;
  drawing.update(element, { loopCharacteristics: made });
}

const counted = ({ object }: Subject) => object.get<Moddle | undefined>("loopCharacteristics")?.get("loopCardinality") !== undefined;

/** A number of times, or once for each item: never both. */
function countBy(subject: Subject, how: string): void {
  const { drawing, element } = subject;
  const holder = loop(subject);
  if (how === "number") {
    const loopCardinality = drawing.create("bpmn:FormalExpression", { body: "" });
    loopCardinality.$parent = holder;
    drawing.updateInside(element, holder, {
      loopCardinality,
      "signalbox:collection": undefined,
      "signalbox:elementVariable": undefined,
      loopDataInputRef: undefined,
      inputDataItem: undefined,
    });
  } else {
    drawing.updateInside(element, holder, { loopCardinality: undefined });
  }
}

function repetitionFields(subject: Subject): Field[] {
  const how = repeats(subject.object);
  const choice: Field = {
    id: "repeats",
    kind: "choice",
    label: "inspect.field.repeats",
    choices: () => (["", "loop", "parallel", "sequential"] as const).map((value) => ({ value, label: t(`inspect.repeats.${value || "none"}`) })),
    read: ({ object }) => repeats(object),
    write: repeat,
  };
  if (how === "") return [choice];
  if (how === "loop") {
    return [
      choice,
      {
        ...expression("loopCondition", loop),
        id: "loop-condition",
        label: "inspect.field.loopCondition",
        hint: "inspect.hint.loopCondition",
        placeholder: "inspect.placeholder.loopCondition",
      },
      { id: "loop-maximum", label: "inspect.field.loopMaximum", hint: "inspect.hint.loopMaximum", ...wholeNumber("loopMaximum", 1, 100_000, loop) },
      { ...flag("testBefore", false, loop), id: "test-before", label: "inspect.field.testBefore", hint: "inspect.hint.testBefore" },
    ];
  }
  const times: Field[] = counted(subject)
    ? [
        {
          ...expression("loopCardinality", loop),
          write: (held, value) => {
            const loopCardinality = held.drawing.create("bpmn:FormalExpression", { body: value.trim() });
            loopCardinality.$parent = loop(held);
            held.drawing.updateInside(held.element, loop(held), { loopCardinality });
          },
          id: "cardinality",
          kind: "text",
          mono: true,
          required: true,
          label: "inspect.field.cardinality",
          hint: "inspect.hint.cardinality",
          placeholder: "inspect.placeholder.cardinality",
        },
      ]
    : [
        {
          id: "collection",
          kind: "text",
          mono: true,
          required: true,
          label: "inspect.field.collection",
          hint: "inspect.hint.collection",
          placeholder: "inspect.placeholder.collection",
          ...attribute("signalbox:collection", loop),
        },
        {
          id: "element-variable",
          kind: "text",
          mono: true,
          label: "inspect.field.item",
          hint: "inspect.hint.item",
          placeholder: "inspect.placeholder.item",
          fault: variableFault,
          ...attribute("signalbox:elementVariable", loop),
        },
      ];
  return [
    choice,
    {
      id: "count-by",
      kind: "choice",
      label: "inspect.field.countBy",
      choices: () => [
        { value: "items", label: t("inspect.choice.items") },
        { value: "number", label: t("inspect.choice.number") },
      ],
      read: (held) => (counted(held) ? "number" : "items"),
      write: countBy,
    },
    ...times,
    {
      ...expression("completionCondition", loop),
      id: "mi-completion",
      label: "inspect.field.miCompletion",
      hint: "inspect.hint.miCompletion",
      placeholder: "inspect.placeholder.miCompletion",
    },
    {
      id: "output-collection",
      kind: "text",
      mono: true,
      label: "inspect.field.outputCollection",
      hint: "inspect.hint.outputCollection",
      placeholder: "inspect.placeholder.outputCollection",
      fault: variableFault,
      ...attribute("signalbox:outputCollection", loop),
    },
    {
      id: "output-element",
      kind: "text",
      mono: true,
      label: "inspect.field.outputElement",
      hint: "inspect.hint.outputElement",
      placeholder: "inspect.placeholder.outputElement",
      ...attribute("signalbox:outputElement", loop),
    },
  ];
}

const repetition: Section = {
  id: "repetition",
  title: "inspect.section.repetition",
  quiet: true,
  applies: ({ object }) => is(object, "bpmn:Activity") && !isEventSubProcess(object),
  filled: ({ object }) => repeats(object) !== "",
  fields: repetitionFields,
};

// --- ad-hoc -----------------------------------------------------------------------------------------------------------------
const adHoc: Section = {
  id: "ad-hoc",
  title: "inspect.section.adHoc",
  applies: type("bpmn:AdHocSubProcess"),
  filled: ({ object }) => object.get("completionCondition") !== undefined,
  fields: [
    {
      id: "ordering",
      kind: "choice",
      label: "inspect.field.ordering",
      choices: () => [
        { value: "Parallel", label: t("inspect.choice.parallel") },
        { value: "Sequential", label: t("inspect.choice.sequential") },
      ],
      read: ({ object }) => text(object, "ordering") || "Parallel",
      write: ({ drawing, element }, value) => drawing.update(element, { ordering: value === "Sequential" ? value : undefined }),
    },
    {
      ...expression("completionCondition"),
      id: "completion",
      label: "inspect.field.completion",
      hint: "inspect.hint.completion",
      placeholder: "inspect.placeholder.completion",
    },
    {
      ...flag("cancelRemainingInstances", true),
      id: "cancel-remaining",
      label: "inspect.field.cancelRemaining",
      hint: "inspect.hint.cancelRemaining",
    },
  ],
};

// --- inputs, outputs, being undone ------------------------------------------------------------------------------------------
const mappings: Section = {
  id: "mappings",
  title: "inspect.section.mappings",
  quiet: true,
  applies: ({ object }) => is(object, "bpmn:Activity") && !is(object, "bpmn:CallActivity") && !isEventSubProcess(object),
  filled: ({ object }) => has(object, "signalbox:Input", "signalbox:Output"),
  fields: [pairs("input"), pairs("output")],
};

const undoing: Section = {
  id: "undoing",
  title: "inspect.section.undoing",
  quiet: true,
  // A handler stands outside of all flows: only its compensation event leads to it.
  applies: ({ object, element }) =>
    is(object, "bpmn:Activity") &&
    !isEventSubProcess(object) &&
    (object.get("isForCompensation") === true ||
      ![...element.incoming, ...element.outgoing].some((one) => is(one.businessObject, "bpmn:SequenceFlow"))),
  filled: ({ object }) => object.get("isForCompensation") === true,
  fields: [
    {
      ...flag("isForCompensation", false),
      id: "for-compensation",
      label: "inspect.field.forCompensation",
      hint: "inspect.hint.forCompensation",
    },
  ],
};

export const activities: readonly Section[] = [called, exchanged, message, adHoc, repetition, mappings, undoing];
