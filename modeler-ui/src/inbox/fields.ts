// A task's declared fields: what the form starts with, what it sends, what is wrong before it is sent.
// The server checks again and decides; this only spares people a round trip.

import type { FieldError } from "../http";
import type { FormField, Json, Variables } from "../records";

/** What the inputs hold: text for most, true/false/null ("not answered") for booleans. */
export type Answers = { [name: string]: string | boolean | null };

export type FieldFault = "required" | "integer" | "number" | "date";

export function initialAnswers(fields: readonly FormField[], variables: Variables): Answers {
  const answers: Answers = {};
  for (const field of fields) {
    const value = variables[field.name] ?? field.default;
    if (field.type === "boolean") answers[field.name] = typeof value === "boolean" ? value : null;
    else answers[field.name] = value === null || value === undefined ? "" : textOf(value);
  }
  return answers;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Only what the person may change is sent; a field left empty is sent as null where it had a value before. */
export function variablesOf(fields: readonly FormField[], answers: Answers, before: Variables): Variables {
  const sent: Variables = {};
  for (const field of fields) {
    if (field.read_only) continue;
    const answer = answers[field.name] ?? null;
    if (field.type === "boolean") {
      sent[field.name] = answer === true; // a checkbox nobody touched says no
      continue;
    }
    const text = typeof answer === "string" ? answer.trim() : "";
    if (text === "") {
      if (before[field.name] !== undefined && before[field.name] !== null) sent[field.name] = null;
    } else if (field.type === "integer" || field.type === "number") {
      sent[field.name] = numberOf(text);
    } else {
      sent[field.name] = field.type === "text" ? String(answer) : text;
    }
  }
  return sent;
}

/** 12.5 and 12,5 are both twelve and a half; anything unclear is NaN. */
export function numberOf(text: string): number {
  const plain = text.trim();
  const normal = /^[-+]?\d+,\d+$/.test(plain) ? plain.replace(",", ".") : plain;
  return /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(normal) ? Number(normal) : Number.NaN;
}

export function faultsOf(fields: readonly FormField[], answers: Answers): Map<string, FieldFault> {
  const faults = new Map<string, FieldFault>();
  for (const field of fields) {
    if (field.read_only) continue;
    const answer = answers[field.name] ?? null;
    const text = typeof answer === "string" ? answer.trim() : "";
    const empty = field.type === "boolean" ? answer === null : text === "";
    if (empty) {
      if (field.required) faults.set(field.name, "required");
    } else if (field.type === "integer" && !Number.isInteger(numberOf(text))) {
      faults.set(field.name, "integer");
    } else if (field.type === "number" && !Number.isFinite(numberOf(text))) {
      faults.set(field.name, "number");
    } else if (field.type === "date" && Number.isNaN(Date.parse(text))) {
      faults.set(field.name, "date");
    }
  }
  return faults;
}

/** The server's faults by field; what belongs to no field of the form is returned apart. */
export function serverFaults(
  fields: readonly FormField[],
  errors: readonly FieldError[],
): { byField: Map<string, string>; others: string[] } {
  const names = new Set(fields.map((field) => field.name));
  const byField = new Map<string, string>();
  const others: string[] = [];
  for (const { field, message } of errors) {
    const name = field.replace(/^variables\./, "");
    if (names.has(name)) byField.set(name, message);
    else others.push(field ? `${field}: ${message}` : message);
  }
  return { byField, others };
}
