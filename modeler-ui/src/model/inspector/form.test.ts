import { expect, it } from "vitest";
import { fieldName } from "./form";

it.each([
  ["Amount in €", [], "amount_in"],
  ["Genehmigt?", [], "genehmigt"],
  ["Straße", [], "strasse"],
  ["2. Prüfer", [], "pruefer"],
  ["", [], "field"],
  ["Field", ["field", "field_2"], "field_3"],
])("a field labelled %j becomes the variable of a free name", (label, taken, name) => {
  expect(fieldName(label, taken)).toBe(name);
});
