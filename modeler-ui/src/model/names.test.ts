import { describe, expect, it } from "vitest";
import { fileName, generatedKey, nameOfFile, slug, validId } from "./names";

describe("a process key made from a name", () => {
  it.each([
    ["Reise & Spesen prüfen", "reise-spesen-pruefen"],
    ["  Größe  ", "groesse"],
    ["Café crème", "cafe-creme"],
    ["3 Angebote", "p-3-angebote"],
    ["審査", "process"],
  ])("%s → %s", (name, key) => {
    expect(slug(name)).toBe(key);
    expect(validId(key)).toBe(true);
  });
});

describe("an id", () => {
  it.each(["a", "_a", "Task_1", "a.b-c"])("%s is valid", (id) => expect(validId(id)).toBe(true));
  it.each(["", "1a", "a b", "a:b", "ä"])("%s is refused", (id) => expect(validId(id)).toBe(false));
});

it("tells a key nobody chose from a chosen one", () => {
  expect(generatedKey("Process_0ab12cd")).toBe(true);
  expect(generatedKey("Process_invoice")).toBe(true); // seven letters cannot be told apart; renaming it is undoable
  expect(generatedKey("invoice")).toBe(false);
});

it("names files after diagrams and diagrams after files", () => {
  expect(fileName("Reise & Spesen", "bpmn")).toBe("reise-spesen.bpmn");
  expect(nameOfFile("expense-approval.bpmn")).toBe("expense approval");
  expect(nameOfFile("lattice.bpmn20.xml")).toBe("lattice");
  expect(nameOfFile(".xml")).toBe(".xml");
});
