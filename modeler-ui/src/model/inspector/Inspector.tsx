// What is selected, and all that can be said about it.

import { useState } from "preact/hooks";
import { Icon } from "../../shell/icons";
import { read, store } from "../../shell/stored";
import { t } from "../../words";
import type { Drawing } from "../canvas/drawing";
import type { DiagramProblem } from "../../records";
import { kindWords } from "../kinds";
import { FieldView } from "./FieldView";
import type { Section, Subject } from "./fields";
import { sectionsOf } from "./sections";

interface Props {
  drawing: Drawing;
  problems: readonly DiagramProblem[];
}

export function Inspector({ drawing, problems }: Props) {
  void drawing.revision.value;
  const several = drawing.selectedCount.value > 1;
  const element = drawing.selection.value ?? drawing.root;
  if (several) {
    return (
      <div class="empty">
        <p>{t("model.several", { count: drawing.selectedCount.value })}</p>
      </div>
    );
  }
  const subject: Subject = { drawing, element, object: element.businessObject };
  const own = problems.filter((one) => one.element_id && drawing.find.element(one.element_id) === element);
  return (
    <div class="inspector" key={element.id}>
      <header class="inspector-head">
        <span class="inspector-kind">{kindWords(element)}</span>
      </header>
      {own.length > 0 && (
        <ul class="inspector-problems">
          {own.map((problem, index) => (
            <li key={index} class={`banner banner-${problem.severity === "error" ? "danger" : "warning"}`}>
              <Icon name={problem.severity} />
              <span>{problem.message}</span>
            </li>
          ))}
        </ul>
      )}
      {sectionsOf(subject).map((section) => (
        <SectionView key={section.id} section={section} subject={subject} />
      ))}
    </div>
  );
}

function SectionView({ section, subject }: { section: Section; subject: Subject }) {
  const name = `inspector.${section.id}`;
  const filled = section.filled?.(subject) ?? false;
  const kept = read(name);
  const [open, setOpen] = useState(section.quiet ? filled || kept === "open" : kept !== "closed");
  return (
    <details
      class="section"
      open={open}
      onToggle={(event) => {
        const now = event.currentTarget.open;
        setOpen(now);
        if (!section.quiet) store(name, now ? null : "closed");
        else if (now !== filled) store(name, now ? "open" : null);
      }}
    >
      <summary>
        <Icon name="right" class="section-arrow" />
        <span class="grow">{t(section.title)}</span>
        {filled && (
          <span class="section-dot">
            <span class="visually-hidden">{t("model.filled")}</span>
          </span>
        )}
      </summary>
      <div class="section-body">
        {(typeof section.fields === "function" ? section.fields(subject) : section.fields).map((field) => (
          <FieldView key={field.id} field={field} subject={subject} />
        ))}
      </div>
    </details>
  );
}
