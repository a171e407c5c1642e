// What the engine says about the drawing, below it; an entry selects its shape.

import { Icon } from "../shell/icons";
import type { DiagramProblem } from "../records";
import { counted, t } from "../words";
import type { Editing } from "./editing";
import { elementTitle } from "./kinds";

interface Props {
  editing: Editing;
  open: boolean;
  onToggle: () => void;
}

export function ProblemList({ editing, open, onToggle }: Props) {
  const problems = editing.problems.value;
  return (
    <section class="problems" aria-label={t("model.problems")} data-open={open}>
      <button type="button" class="problems-head" aria-expanded={open} onClick={onToggle}>
        <Icon name="chevron" class="problems-arrow" />
        <span>{t("model.problems")}</span>
        <Summary editing={editing} />
      </button>
      {open && (
        <div class="problems-body">
          {problems.length === 0 ? (
            <p class="problems-none muted">{noneWords(editing)}</p>
          ) : (
            <ProblemRows
              problems={problems}
              title={(problem) => titleOf(editing, problem)}
              onSelect={(problem) => {
                const element = problem.element_id ? editing.drawing.find.element(problem.element_id) : null;
                editing.drawing.select(element);
              }}
            />
          )}
        </div>
      )}
    </section>
  );
}

function Summary({ editing }: { editing: Editing }) {
  const { errors, warnings } = editing.counts.value;
  const state = editing.checked.value;
  return (
    <span class="row problems-summary" role="status">
      {errors > 0 && (
        <span class="chip chip-danger">
          <Icon name="error" />
          {counted("model.errors", errors)}
        </span>
      )}
      {warnings > 0 && (
        <span class="chip chip-warning">
          <Icon name="warning" />
          {counted("model.warnings", warnings)}
        </span>
      )}
      {state === "failed" ? (
        <span class="chip">{t("model.checkFailed")}</span>
      ) : (
        errors + warnings === 0 &&
        state === "fresh" && (
          <span class="chip chip-success">
            <Icon name="check" />
            {t("model.noProblems")}
          </span>
        )
      )}
      {state === "waiting" && <span class="faint problems-waiting">{t("model.checking")}</span>}
    </span>
  );
}

function noneWords(editing: Editing): string {
  if (editing.checked.value === "failed") return t("model.checkFailed.detail");
  return editing.checked.value === "waiting" ? t("model.checking") : t("model.noProblems.detail");
}

export function titleOf(editing: Editing, problem: DiagramProblem): string | null {
  if (!problem.element_id) return null;
  const element = editing.drawing.find.element(problem.element_id);
  return element ? elementTitle(element) : problem.element_id;
}

interface RowsProps {
  problems: readonly DiagramProblem[];
  title: (problem: DiagramProblem) => string | null;
  onSelect: (problem: DiagramProblem) => void;
}

export function ProblemRows({ problems, title, onSelect }: RowsProps) {
  return (
    <ul class="problem-rows">
      {problems.map((problem, index) => {
        const where = title(problem);
        return (
          <li key={index}>
            <button type="button" class={`problem-row problem-row-${problem.severity}`} onClick={() => onSelect(problem)}>
              <Icon name={problem.severity} />
              <span class="visually-hidden">{t(problem.severity === "error" ? "model.error" : "model.warning")}:</span>
              <span class="grow">{problem.message}</span>
              {where && !problem.message.includes(where) && <span class="problem-where truncate">{where}</span>}
              {problem.line !== null && <span class="faint problem-line">{t("model.line", { line: problem.line })}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
