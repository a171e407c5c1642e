import { describe, expect, it } from "vitest";
import type { FieldType, FormField } from "../records";
import { faultsOf, initialAnswers, numberOf, serverFaults, variablesOf } from "./fields";

const field = (name: string, type: FieldType, more: Partial<FormField> = {}): FormField => ({
  name,
  label: name,
  type,
  required: false,
  read_only: false,
  default: null,
  options: [],
  ...more,
});

describe("what a form starts with", () => {
  it("is the variable's value, else the default, else nothing", () => {
    const fields = [field("a", "string", { default: "d" }), field("b", "integer", { default: 7 }), field("c", "boolean")];

    expect(initialAnswers(fields, { a: "v" })).toEqual({ a: "v", b: "7", c: null });
  });
});

describe("what a form sends", () => {
  it("are values of the declared types, without read-only and untouched empty fields", () => {
    const fields = [
      field("amount", "number"),
      field("count", "integer"),
      field("name", "string"),
      field("shown", "string", { read_only: true }),
      field("empty", "date"),
      field("sure", "boolean"),
    ];
    const answers = { amount: "12,5", count: "3", name: " Ada ", shown: "x", empty: "", sure: null };

    expect(variablesOf(fields, answers, {})).toEqual({ amount: 12.5, count: 3, name: "Ada", sure: false });
  });

  it("takes away a value that was emptied", () => {
    expect(variablesOf([field("name", "string")], { name: "" }, { name: "Ada" })).toEqual({ name: null });
  });

  it("keeps the lines of a long text", () => {
    expect(variablesOf([field("words", "text")], { words: "one\n\ntwo\n" }, {})).toEqual({ words: "one\n\ntwo\n" });
  });
});

describe("numbers as people write them", () => {
  it.each([
    ["12.5", 12.5],
    ["12,5", 12.5],
    ["-3", -3],
    ["1e3", 1000],
  ])("%s is %d", (text, value) => expect(numberOf(text)).toBe(value));

  it.each(["", "1,000,000", "0x10", "ten", "1 000", "Infinity"])("%s is none", (text) => expect(numberOf(text)).toBeNaN());
});

describe("faults", () => {
  it("are found before anything is sent", () => {
    const fields = [
      field("a", "string", { required: true }),
      field("b", "integer"),
      field("c", "number"),
      field("d", "boolean", { required: true }),
      field("e", "string", { required: true, read_only: true }),
    ];

    const found = faultsOf(fields, { a: "  ", b: "1.5", c: "x", d: null });

    expect(Object.fromEntries(found)).toEqual({ a: "required", b: "integer", c: "number", d: "required" });
  });

  it("of the server go to their field; the rest is told apart", () => {
    const found = serverFaults([field("a", "string")], [
      { field: "a", message: "is required" },
      { field: "variables.a", message: "is required" },
      { field: "z", message: "is not a field of this form" },
    ]);

    expect(Object.fromEntries(found.byField)).toEqual({ a: "is required" });
    expect(found.others).toEqual(["z: is not a field of this form"]);
  });
});
