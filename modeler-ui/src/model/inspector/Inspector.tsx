// What is selected, and all that can be said about it.

import { useId, useState } from "preact/hooks";
import { Icon } from "../../shell/icons";
import { read, store } from "../../shell/stored";
import { t } from "../../words";
import type { Drawing } from "../canvas/drawing";
import type { DiagramProblem } from "../../records";
import { kindWords } from "../kinds";
import { FormEditor } from "./FormEditor";
import { HeadersEditor } from "./HeadersEditor";
import { type Field, type Section, sections, type Subject, type TextField, type ToggleField } from "./sections";
import { useTyped } from "./typed";
import { WaysEditor } from "./WaysEditor";

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
      {sections
        .filter((section) => section.applies(subject))
        .map((section) => (
          <SectionView key={section.id} section={section} subject={subject} />
        ))}
    </div>
  );
}

function SectionView({ section, subject }: { section: Section; subject: Subject }) {
  const name = `inspector.${section.id}`;
  const [open, setOpen] = useState(read(name) !== "closed");
  return (
    <details
      class="section"
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        store(name, event.currentTarget.open ? null : "closed");
      }}
    >
      <summary>
        <Icon name="right" class="section-arrow" />
        <span class="grow">{t(section.title)}</span>
        {section.filled?.(subject) && (
          <span class="section-dot">
            <span class="visually-hidden">{t("model.filled")}</span>
          </span>
        )}
      </summary>
      <div class="section-body">
        {section.fields.map((field) => (
          <FieldView key={field.id} field={field} subject={subject} />
        ))}
      </div>
    </details>
  );
}

function FieldView({ field, subject }: { field: Field; subject: Subject }) {
  switch (field.kind) {
    case "form":
      return <FormEditor subject={subject} />;
    case "headers":
      return <HeadersEditor subject={subject} />;
    case "ways":
      return <WaysEditor subject={subject} />;
    case "toggle":
      return <Toggle field={field} subject={subject} />;
    default:
      return <Text field={field} subject={subject} />;
  }
}

function Toggle({ field, subject }: { field: ToggleField; subject: Subject }) {
  const id = useId();
  const hint = field.hint && `${id}-hint`;
  return (
    <div class="field">
      <label class="check" for={id}>
        <input
          id={id}
          type="checkbox"
          checked={field.read(subject)}
          aria-describedby={hint}
          onChange={(event) => field.write(subject, event.currentTarget.checked)}
        />
        <span>{t(field.label)}</span>
      </label>
      {field.hint && (
        <p class="field-hint" id={hint}>
          {t(field.hint)}
        </p>
      )}
    </div>
  );
}

function Text({ field, subject }: { field: TextField; subject: Subject }) {
  const id = useId();
  const typed = useTyped(field.read(subject), (value) => {
    if (!field.fault?.(subject, value) && value !== field.read(subject)) field.write(subject, value);
  });
  const fault = field.fault?.(subject, typed.value);
  const described = [fault && `${id}-fault`, field.hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  const common = {
    id,
    name: field.id,
    spellcheck: field.kind === "lines",
    autocomplete: "off",
    placeholder: field.placeholder && t(field.placeholder),
    "aria-invalid": fault ? true : undefined,
    "aria-required": field.required,
    "aria-describedby": described,
    ...typed,
  } as const;
  const rows = Math.min(18, Math.max(field.kind === "code" ? 3 : 1, typed.value.split("\n").length));
  return (
    <div class="field">
      <label for={id}>
        {t(field.label)}
        {field.required && (
          <span class="required" aria-hidden="true">
            {" *"}
          </span>
        )}
      </label>
      {field.kind === "lines" || field.kind === "code" ? (
        <textarea
          {...common}
          class={field.kind === "code" ? "textarea mono code" : field.id === "documentation" ? "textarea" : "textarea one-line"}
          rows={field.id === "documentation" ? Math.max(3, rows) : rows}
          wrap={field.kind === "code" ? "off" : "soft"}
        />
      ) : (
        <input
          {...common}
          class={field.mono ? "input mono" : "input"}
          inputMode={field.kind === "number" ? "numeric" : undefined}
          onKeyDown={(event) => event.key === "Enter" && typed.onBlur()}
        />
      )}
      {fault && (
        <p class="field-error" id={`${id}-fault`} role="alert">
          {t(fault)}
        </p>
      )}
      {field.hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {t(field.hint)}
        </p>
      )}
    </div>
  );
}
