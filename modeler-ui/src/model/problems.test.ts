import { expect, it } from "vitest";
import type { DiagramProblem } from "../records";
import { byElement, counts, sorted, worst } from "./problems";

function problem(severity: "error" | "warning", element_id: string | null, message = ""): DiagramProblem {
  return { code: "x", severity, element_id, message, line: null, file: null };
}

const found = [problem("warning", "a", "1"), problem("error", "b", "2"), problem("error", "a", "3"), problem("error", null, "4")];

it("puts errors before warnings and keeps the engine's order otherwise", () => {
  expect(sorted(found).map((one) => one.message)).toEqual(["2", "3", "4", "1"]);
});

it("counts errors and warnings apart", () => {
  expect(counts(found)).toEqual({ errors: 3, warnings: 1 });
});

it("gathers what is about one element, the worst first", () => {
  const gathered = byElement(found);
  expect([...gathered.keys()]).toEqual(["b", "a"]);
  expect(gathered.get("a")?.map((one) => one.message)).toEqual(["3", "1"]);
  expect(worst(gathered.get("a") ?? [])).toBe("error");
});
