// What a section of the inspector is made of: fields that say how they are read from the drawing and written to it.

import type { WordKey } from "../../words";
import type { Drawing } from "../canvas/drawing";
import { type Drawn, is, type Moddle, text } from "../canvas/moddle";

export interface Subject {
  drawing: Drawing;
  element: Drawn;
  object: Moddle;
}

/** Which object of the drawing a field belongs to: the element's own, or one inside it. */
export type Holder = (subject: Subject) => Moddle;
export const itself: Holder = ({ object }) => object;

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
  /** Offered while typing. */
  suggestions?(subject: Subject): readonly string[] | Promise<readonly string[]>;
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
export interface Choice {
  value: string;
  label: string;
}
export interface ChoiceField extends Common {
  kind: "choice";
  choices(subject: Subject): readonly Choice[];
  read(subject: Subject): string;
  write(subject: Subject, value: string): void;
}
/** A list of names with expressions, each an extension element of its own. */
export interface PairsField extends Common {
  kind: "pairs";
  holder: Holder;
  type: string;
  /** The attribute that holds the name. */
  key: "name" | "key";
  nameLabel: WordKey;
  valueLabel: WordKey;
  add: WordKey;
}
export type DeclaredKind = "message" | "signal" | "error" | "escalation";
/** A message, signal, error or escalation of the file: chosen, or made in place. */
export interface DeclaredField {
  id: string;
  kind: "declared";
  what: DeclaredKind;
  holder: Holder;
  /** What it means to name none; not allowed where this is missing. */
  none?: WordKey;
}
export interface TimerField {
  id: string;
  kind: "timer";
  holder: Holder;
}
/** Fields with an editor of their own. */
export interface SpecialField {
  id: string;
  kind: "form" | "headers" | "ways" | "events";
}
export type Field = TextField | ToggleField | ChoiceField | PairsField | DeclaredField | TimerField | SpecialField;

export interface Section {
  id: string;
  title: WordKey;
  applies(subject: Subject): boolean;
  /** True where something is set: the section's head then carries a dot. */
  filled?(subject: Subject): boolean;
  /** Few need it: closed as long as nothing is in it. */
  quiet?: boolean;
  fields: readonly Field[] | ((subject: Subject) => readonly Field[]);
}

// --- how fields read and write --------------------------------------------------------------------------------------------
export function update({ drawing, element, object }: Subject, holder: Moddle, properties: object): void {
  if (holder === object) drawing.update(element, properties);
  else drawing.updateInside(element, holder, properties);
}

export const attribute = (name: string, holder: Holder = itself) => ({
  read: (subject: Subject) => text(holder(subject), name),
  write: (subject: Subject, value: string) => update(subject, holder(subject), { [name]: value.trim() || undefined }),
});

export const wholeNumber = (name: string, low: number, high: number, holder: Holder = itself) => ({
  kind: "number" as const,
  read: (subject: Subject) => text(holder(subject), name),
  write: (subject: Subject, value: string) =>
    update(subject, holder(subject), { [name]: value.trim() === "" ? undefined : Number(value) }),
  fault: (_: Subject, value: string): WordKey | null => {
    const number = Number(value);
    return value.trim() === "" || (Number.isInteger(number) && number >= low && number <= high) ? null : "model.fault.number";
  },
});

/** True or false, written only where it differs from what holds without it. */
export const flag = (name: string, standard: boolean, holder: Holder = itself) => ({
  kind: "toggle" as const,
  read: (subject: Subject) => (holder(subject).get(name) ?? standard) === true,
  write: (subject: Subject, value: boolean) => update(subject, holder(subject), { [name]: value === standard ? undefined : value }),
});

/** An expression inside the element. */
export const expression = (name: string, holder: Holder = itself) => ({
  kind: "code" as const,
  read: (subject: Subject) => text(holder(subject).get<Moddle | undefined>(name), "body"),
  write: (subject: Subject, value: string) => {
    const owner = holder(subject);
    const made = value.trim() ? subject.drawing.create("bpmn:FormalExpression", { body: value.trim() }) : undefined;
    if (made) made.$parent = owner;
    update(subject, owner, { [name]: made });
  },
});

/** The name of a variable. */
export const variableFault = (_: Subject, value: string): WordKey | null =>
  value.trim() === "" || /^[A-Za-z_]\w*$/.test(value.trim()) ? null : "model.fault.fieldName";

export const type = (name: string) => ({ object }: Subject) => is(object, name);
export const some = (object: Moddle, ...names: string[]) => names.some((name) => text(object, name) !== "");
