// What can be said about an element, as a table: each section says to what it applies, each field how it is read from
// the drawing and written to it. Only what the engine runs stands here.

import type { WordKey } from "../../words";
import type { Drawing } from "../canvas/drawing";
import { type Drawn, eventDefinition, is, isEventSubProcess, type Moddle, processOf, text } from "../canvas/moddle";
import { validId } from "../names";
import { readForm, readHeaders } from "./form";

export interface Subject {
  drawing: Drawing;
  element: Drawn;
  object: Moddle;
}

interface Common {
  id: string;
  label: WordKey;
  hint?: WordKey;
}
export interface TextField extends Common {
  kind: "text" | "lines" | "code" | "number";
  mono?: boolean;
  placeholder?: WordKey;
  required?: boolean;
  read(subject: Subject): string;
  write(subject: Subject, value: string): void;
  /** What is wrong with the text; it then stays in the field and is not written. */
  fault?(subject: Subject, value: string): WordKey | null;
}
export interface ToggleField extends Common {
  kind: "toggle";
  read(subject: Subject): boolean;
  write(subject: Subject, value: boolean): void;
}
/** Fields with an editor of their own. */
export interface SpecialField {
  id: string;
  kind: "form" | "headers" | "ways";
}
export type Field = TextField | ToggleField | SpecialField;

export interface Section {
  id: string;
  title: WordKey;
  applies(subject: Subject): boolean;
  /** True where something is set: the section's head then carries a dot. */
  filled?(subject: Subject): boolean;
  fields: readonly Field[];
}

const attribute = (name: string) => ({
  read: ({ object }: Subject) => text(object, name),
  write: ({ drawing, element }: Subject, value: string) => drawing.update(element, { [name]: value.trim() || undefined }),
});

const wholeNumber = (name: string, low: number, high: number) => ({
  kind: "number" as const,
  read: ({ object }: Subject) => text(object, name),
  write: ({ drawing, element }: Subject, value: string) =>
    drawing.update(element, { [name]: value.trim() === "" ? undefined : Number(value) }),
  fault: (_: Subject, value: string): WordKey | null => {
    const number = Number(value);
    return value.trim() === "" || (Number.isInteger(number) && number >= low && number <= high) ? null : "model.fault.number";
  },
});

const type = (name: string) => ({ object }: Subject) => is(object, name);
const some = (object: Moddle, ...names: string[]) => names.some((name) => text(object, name) !== "");

function documentation(object: Moddle): string {
  return text(object.get<Moddle[]>("documentation")?.[0], "text");
}

function startForm({ object }: Subject): boolean {
  return (
    is(object, "bpmn:StartEvent") &&
    !is(object.$parent, "bpmn:SubProcess") &&
    (object.get<Moddle[]>("eventDefinitions") ?? []).length === 0
  );
}

/** A condition says something only where a choice is made. */
function chooses({ object }: Subject): boolean {
  return is(object, "bpmn:SequenceFlow") && is(object.get<Moddle>("sourceRef"), "bpmn:ExclusiveGateway");
}

const idFault = ({ drawing, object }: Subject, value: string): WordKey | null =>
  !validId(value) ? "model.fault.id" : drawing.find.taken(value, object) ? "model.fault.idTaken" : null;

export const sections: readonly Section[] = [
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
    id: "message",
    title: "model.section.message",
    applies: ({ object }) => is(object, "bpmn:StartEvent") && isEventSubProcess(object.$parent),
    filled: ({ object }) => messageName(object) !== "",
    fields: [
      {
        id: "message",
        kind: "text",
        label: "model.field.message",
        hint: "model.hint.message",
        required: true,
        read: ({ object }) => messageName(object),
        write: writeMessage,
      },
      {
        id: "interrupting",
        kind: "toggle",
        label: "model.field.interrupting",
        hint: "model.hint.interrupting",
        read: ({ object }) => object.get("isInterrupting") !== false,
        write: ({ drawing, element }, value) => drawing.update(element, { isInterrupting: value }),
      },
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
    applies: type("bpmn:ServiceTask"),
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
  {
    id: "ways",
    title: "model.section.ways",
    applies: type("bpmn:ExclusiveGateway"),
    filled: ({ element }) => element.outgoing.length > 1,
    fields: [{ id: "ways", kind: "ways" }],
  },
  {
    id: "condition",
    title: "model.section.condition",
    applies: chooses,
    filled: (subject) => readCondition(subject.object) !== "" || isDefault(subject.object),
    fields: [
      {
        id: "default",
        kind: "toggle",
        label: "model.field.default",
        hint: "model.hint.default",
        read: ({ object }) => isDefault(object),
        write: writeDefault,
      },
      {
        id: "condition",
        kind: "code",
        label: "model.field.condition",
        hint: "model.hint.condition",
        placeholder: "model.placeholder.condition",
        read: ({ object }) => readCondition(object),
        write: writeCondition,
      },
    ],
  },
  {
    id: "limits",
    title: "model.section.limits",
    applies: ({ object }) => is(object, "bpmn:Process"),
    filled: ({ object }) => some(object, "signalbox:loopLimit"),
    fields: [
      {
        id: "loop-limit",
        label: "model.field.loopLimit",
        hint: "model.hint.loopLimit",
        placeholder: "model.placeholder.loopLimit",
        ...wholeNumber("signalbox:loopLimit", 1, 10_000_000),
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

export function writeDefault({ drawing, element, object }: Subject, value: boolean): void {
  if (element.source) drawing.update(element.source, { default: value ? object : undefined });
}

function messageName(event: Moddle): string {
  const reference = eventDefinition(event, "bpmn:MessageEventDefinition")?.get<Moddle | undefined>("messageRef");
  return text(reference, "name");
}

function writeMessage({ drawing, element, object }: Subject, value: string): void {
  const definition = eventDefinition(object, "bpmn:MessageEventDefinition");
  const messageRef = value.trim() ? drawing.message(value.trim()) : undefined;
  if (definition) {
    drawing.updateInside(element, definition, { messageRef });
    return;
  }
  const made = drawing.create("bpmn:MessageEventDefinition", { messageRef });
  made.$parent = object;
  drawing.update(element, { eventDefinitions: [made] });
}
