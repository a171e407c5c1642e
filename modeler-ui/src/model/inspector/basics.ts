// What is said of any element, of processes, and of the tasks that people, workers and scripts do.

import { isEventSubProcess, is, type Moddle, processOf, text } from "../canvas/moddle";
import { validId } from "../names";
import { attribute, flag, type Section, some, type Subject, type, wholeNumber } from "./fields";
import type { WordKey } from "../../words";
import { readForm, readHeaders } from "./form";

const idFault = ({ drawing, object }: Subject, value: string): WordKey | null =>
  !validId(value) ? "model.fault.id" : drawing.find.taken(value, object) ? "model.fault.idTaken" : null;

function documentation(object: Moddle): string {
  return text(object.get<Moddle[]>("documentation")?.[0], "text");
}

/** Who starts an instance by hand fills in this form. */
function startForm({ object }: Subject): boolean {
  return (
    is(object, "bpmn:StartEvent") &&
    !is(object.$parent, "bpmn:SubProcess") &&
    (object.get<Moddle[]>("eventDefinitions") ?? []).length === 0
  );
}

const works = ({ object }: Subject) => is(object, "bpmn:ServiceTask") || is(object, "bpmn:BusinessRuleTask");
const drawnOnly = ({ object }: Subject) => is(object, "bpmn:DataObjectReference");

export const first: readonly Section[] = [
  {
    id: "general",
    title: "model.section.general",
    applies: ({ object }) => !is(object, "bpmn:Process") && !is(object, "bpmn:Collaboration"),
    fields: [
      {
        id: "name",
        kind: "lines",
        label: "model.field.name",
        read: ({ object }) => text(object, is(object, "bpmn:TextAnnotation") ? "text" : "name"),
        write: ({ drawing, element, object }, value) =>
          drawing.update(element, { [is(object, "bpmn:TextAnnotation") ? "text" : "name"]: value || undefined }),
      },
      {
        id: "id",
        kind: "text",
        mono: true,
        label: "model.field.id",
        read: ({ object }) => object.id ?? "",
        write: ({ drawing, element }, value) => drawing.update(element, { id: value.trim() }),
        fault: idFault,
      },
    ],
  },
  {
    id: "data",
    title: "inspect.section.data",
    applies: (subject) => drawnOnly(subject) && subject.object.get("dataObjectRef") !== undefined,
    fields: [
      {
        ...flag("isCollection", false, ({ object }) => object.get<Moddle>("dataObjectRef")),
        id: "is-collection",
        label: "inspect.field.isCollection",
        hint: "inspect.hint.data",
      },
    ],
  },
  {
    id: "process",
    title: "model.section.process",
    applies: ({ object }) => processOf(object) !== null,
    fields: [
      {
        id: "process-name",
        kind: "text",
        label: "model.field.processName",
        read: ({ object }) => text(processOf(object) ?? undefined, "name"),
        write: ({ drawing, element }, value) => drawing.updateProcess(element, { name: value.trim() || undefined }),
      },
      {
        id: "process-key",
        kind: "text",
        mono: true,
        label: "model.field.key",
        hint: "model.hint.key",
        read: ({ object }) => processOf(object)?.id ?? "",
        write: ({ drawing, element }, value) => drawing.updateProcess(element, { id: value.trim() }),
        fault: (subject, value) => idFault({ ...subject, object: processOf(subject.object) ?? subject.object }, value),
      },
      {
        id: "executable",
        kind: "toggle",
        label: "model.field.executable",
        hint: "model.hint.executable",
        read: ({ object }) => Boolean(processOf(object)?.get("isExecutable")),
        write: ({ drawing, element }, value) => drawing.updateProcess(element, { isExecutable: value }),
      },
    ],
  },
  {
    id: "initiator",
    title: "model.section.start",
    applies: startForm,
    filled: ({ object }) => some(object, "signalbox:initiator") || readForm(object).length > 0,
    fields: [
      {
        id: "initiator",
        kind: "text",
        mono: true,
        label: "model.field.initiator",
        hint: "model.hint.initiator",
        ...attribute("signalbox:initiator"),
      },
      { id: "form", kind: "form" },
    ],
  },
  {
    id: "assignment",
    title: "model.section.assignment",
    applies: type("bpmn:UserTask"),
    filled: ({ object }) =>
      some(object, "signalbox:assignee", "signalbox:candidateUsers", "signalbox:candidateGroups", "signalbox:priority"),
    fields: [
      {
        id: "groups",
        kind: "text",
        label: "model.field.groups",
        hint: "model.hint.groups",
        placeholder: "model.placeholder.groups",
        ...attribute("signalbox:candidateGroups"),
      },
      {
        id: "users",
        kind: "text",
        label: "model.field.users",
        placeholder: "model.placeholder.users",
        ...attribute("signalbox:candidateUsers"),
      },
      {
        id: "assignee",
        kind: "text",
        label: "model.field.assignee",
        hint: "model.hint.assignee",
        placeholder: "model.placeholder.assignee",
        ...attribute("signalbox:assignee"),
      },
      {
        id: "priority",
        label: "model.field.priority",
        hint: "model.hint.priority",
        placeholder: "model.placeholder.priority",
        ...wholeNumber("signalbox:priority", 0, 100),
      },
    ],
  },
  {
    id: "form",
    title: "model.section.form",
    applies: type("bpmn:UserTask"),
    filled: ({ object }) => readForm(object).length > 0,
    fields: [{ id: "form", kind: "form" }],
  },
  {
    id: "worker",
    title: "model.section.worker",
    applies: works,
    filled: ({ object }) => some(object, "signalbox:topic") || readHeaders(object).length > 0,
    fields: [
      {
        id: "topic",
        kind: "text",
        mono: true,
        required: true,
        label: "model.field.topic",
        hint: "model.hint.topic",
        placeholder: "model.placeholder.topic",
        ...attribute("signalbox:topic"),
      },
      {
        id: "retries",
        label: "model.field.retries",
        hint: "model.hint.retries",
        placeholder: "model.placeholder.retries",
        ...wholeNumber("signalbox:retries", 1, 1000),
      },
      { id: "headers", kind: "headers" },
    ],
  },
  {
    id: "script",
    title: "model.section.script",
    applies: type("bpmn:ScriptTask"),
    filled: ({ object }) => some(object, "script"),
    fields: [
      {
        id: "script",
        kind: "code",
        label: "model.field.script",
        hint: "model.hint.script",
        placeholder: "model.placeholder.script",
        read: ({ object }) => text(object, "script"),
        write: ({ drawing, element }, value) =>
          drawing.update(element, { script: value || undefined, scriptFormat: value ? "python" : undefined }),
      },
      {
        id: "outputs",
        kind: "text",
        mono: true,
        label: "model.field.outputs",
        hint: "model.hint.outputs",
        placeholder: "model.placeholder.outputs",
        ...attribute("signalbox:outputs"),
      },
    ],
  },
];

export const last: readonly Section[] = [
  {
    id: "limits",
    title: "model.section.limits",
    applies: ({ object }) => is(object, "bpmn:Process"),
    filled: ({ object }) => some(object, "signalbox:loopLimit", "signalbox:timeZone"),
    fields: [
      {
        id: "loop-limit",
        label: "model.field.loopLimit",
        hint: "model.hint.loopLimit",
        placeholder: "model.placeholder.loopLimit",
        ...wholeNumber("signalbox:loopLimit", 1, 10_000_000),
      },
      {
        id: "time-zone",
        kind: "text",
        label: "inspect.field.timeZone",
        hint: "inspect.hint.timeZone",
        placeholder: "inspect.placeholder.timeZone",
        suggestions: () => Intl.supportedValuesOf("timeZone"),
        ...attribute("signalbox:timeZone"),
      },
    ],
  },
  {
    id: "quantities",
    title: "inspect.section.quantities",
    quiet: true,
    applies: ({ object }) => is(object, "bpmn:Activity") && !isEventSubProcess(object),
    filled: ({ object }) => [object.get("startQuantity"), object.get("completionQuantity")].some((one) => (one ?? 1) !== 1),
    fields: [
      {
        id: "start-quantity",
        label: "inspect.field.startQuantity",
        hint: "inspect.hint.startQuantity",
        placeholder: "inspect.placeholder.one",
        ...wholeNumber("startQuantity", 1, 1000),
      },
      {
        id: "completion-quantity",
        label: "inspect.field.completionQuantity",
        hint: "inspect.hint.completionQuantity",
        placeholder: "inspect.placeholder.one",
        ...wholeNumber("completionQuantity", 1, 1000),
      },
    ],
  },
  {
    id: "documentation",
    title: "model.section.documentation",
    applies: ({ object }) => !is(object, "bpmn:Collaboration") && !is(object, "bpmn:TextAnnotation"),
    filled: ({ object }) => documentation(object) !== "",
    fields: [
      {
        id: "documentation",
        kind: "lines",
        label: "model.field.documentation",
        hint: "model.hint.documentation",
        read: ({ object }) => documentation(object),
        write: ({ drawing, element }, value) =>
          drawing.update(element, {
            documentation: value ? [drawing.create("bpmn:Documentation", { text: value })] : [],
          }),
      },
    ],
  },
];
