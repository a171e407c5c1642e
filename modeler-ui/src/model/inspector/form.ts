// A form's fields, and a job's headers, between the drawing's extension elements and plain values the inspector edits.

import type { FieldType } from "../../records";
import type { Drawing } from "../canvas/drawing";
import { type Drawn, extension, type Moddle, text } from "../canvas/moddle";

export interface FormField {
  name: string;
  label: string;
  type: FieldType;
  required: boolean;
  readOnly: boolean;
  default: string;
  options: { value: string; label: string }[];
}

export interface Header {
  name: string;
  value: string;
}

export const fieldTypes: readonly FieldType[] = ["string", "text", "integer", "number", "boolean", "date", "enum"];

export function readForm(object: Moddle): FormField[] {
  const fields = extension(object, "signalbox:Form")?.get<Moddle[]>("fields") ?? [];
  return fields.map((field) => ({
    name: text(field, "name"),
    label: text(field, "label"),
    type: fieldTypes.find((type) => type === text(field, "type")) ?? "string",
    required: Boolean(field.get("required")),
    readOnly: Boolean(field.get("readOnly")),
    default: text(field, "default"),
    options: (field.get<Moddle[]>("options") ?? []).map((option) => ({ value: text(option, "value"), label: text(option, "label") })),
  }));
}

export function writeForm(drawing: Drawing, element: Drawn, object: Moddle, fields: readonly FormField[]): void {
  const made = fields.map((field) =>
    withParent(
      drawing.create("signalbox:Field", {
        name: field.name,
        label: field.label || undefined,
        type: field.type,
        required: field.required || undefined,
        readOnly: field.readOnly || undefined,
        default: field.default || undefined,
        options:
          field.type === "enum"
            ? field.options.map(({ value, label }) => drawing.create("signalbox:Option", { value, label: label || undefined }))
            : [],
      }),
      "options",
    ),
  );
  const form = made.length > 0 ? withParent(drawing.create("signalbox:Form", { fields: made }), "fields") : null;
  drawing.setExtension(element, object, "signalbox:Form", form);
}

export function readHeaders(object: Moddle): Header[] {
  const entries = extension(object, "signalbox:Headers")?.get<Moddle[]>("entries") ?? [];
  return entries.map((entry) => ({ name: text(entry, "name"), value: text(entry, "value") }));
}

export function writeHeaders(drawing: Drawing, element: Drawn, object: Moddle, headers: readonly Header[]): void {
  const entries = headers.map(({ name, value }) => drawing.create("signalbox:Header", { name, value }));
  const made = entries.length > 0 ? withParent(drawing.create("signalbox:Headers", { entries }), "entries") : null;
  drawing.setExtension(element, object, "signalbox:Headers", made);
}

function withParent(holder: Moddle, name: string): Moddle {
  for (const one of holder.get<Moddle[]>(name)) one.$parent = holder;
  return holder;
}

/** "Amount in €" → "amount_in": a variable's name made from a label. */
export function fieldName(label: string, taken: readonly string[]): string {
  const plain = label
    .toLowerCase()
    .replace(/ä/g, "ae")
    .replace(/ö/g, "oe")
    .replace(/ü/g, "ue")
    .replace(/ß/g, "ss")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "");
  const base = plain || "field";
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) name = `${base}_${number}`;
  return name;
}
