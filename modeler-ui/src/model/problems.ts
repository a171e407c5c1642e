// The engine's findings, sorted for people.

import type { DiagramProblem } from "../records";

const rank = { error: 0, warning: 1 } as const;

/** Errors first, each kind in the engine's order. */
export function sorted(problems: readonly DiagramProblem[]): DiagramProblem[] {
  return [...problems].sort((one, other) => rank[one.severity] - rank[other.severity]);
}

export function counts(problems: readonly DiagramProblem[]): { errors: number; warnings: number } {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  return { errors, warnings: problems.length - errors };
}

export function worst(problems: readonly DiagramProblem[]): "error" | "warning" {
  return problems.some((problem) => problem.severity === "error") ? "error" : "warning";
}

export function byElement(problems: readonly DiagramProblem[]): Map<string, DiagramProblem[]> {
  const found = new Map<string, DiagramProblem[]>();
  for (const problem of sorted(problems)) {
    if (!problem.element_id) continue;
    const others = found.get(problem.element_id);
    if (others) others.push(problem);
    else found.set(problem.element_id, [problem]);
  }
  return found;
}
