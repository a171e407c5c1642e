// The inputs of a task, made from its declared fields: native controls, each with its label and its own error.

import type { FormField, Json, Variables } from "../records";
import { t } from "../words";
import type { Answers } from "./fields";

const SHORT_CHOICE = 4;

interface Props {
  fields: readonly FormField[];
  answers: Answers;
  variables: Variables;
  faults: Map<string, string>;
  disabled: boolean;
  onAnswer: (name: string, answer: string | boolean) => void;
}

export function Fields({ fields, answers, variables, faults, disabled, onAnswer }: Props) {
  return (
    <>
      {fields.map((field) =>
        field.read_only ? (
          <Shown key={field.name} field={field} value={variables[field.name] ?? field.default} />
        ) : (
          <Asked
            key={field.name}
            field={field}
            answer={answers[field.name] ?? null}
            fault={faults.get(field.name)}
            disabled={disabled}
            onAnswer={(answer) => onAnswer(field.name, answer)}
          />
        ),
      )}
    </>
  );
}

function Shown({ field, value }: { field: FormField; value: Json }) {
  return (
    <dl class="field task-shown">
      <dt class="field-label">{field.label}</dt>
      <dd>{shownValue(field, value)}</dd>
    </dl>
  );
}

function shownValue(field: FormField, value: Json): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? t("inbox.yes") : t("inbox.no");
  const option = field.options.find((one) => one.value === value);
  if (option) return option.label;
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

interface AskedProps {
  field: FormField;
  answer: string | boolean | null;
  fault: string | undefined;
  disabled: boolean;
  onAnswer: (answer: string | boolean) => void;
}

function Asked({ field, answer, fault, disabled, onAnswer }: AskedProps) {
  const id = `field-${field.name}`;
  const told = fault ? `${id}-error` : undefined;
  const error = fault && (
    <p class="field-error" id={told}>
      {fault}
    </p>
  );
  const label = (
    <>
      {field.label}
      {field.required && (
        <>
          <span class="required" aria-hidden="true"> *</span>
          <span class="visually-hidden"> ({t("inbox.required")})</span>
        </>
      )}
    </>
  );

  if (field.type === "boolean" && !field.required) {
    return (
      <div class="field" data-field={field.name}>
        <label class="check" htmlFor={id}>
          <input
            id={id}
            type="checkbox"
            checked={answer === true}
            disabled={disabled}
            aria-describedby={told}
            onChange={(event) => onAnswer(event.currentTarget.checked)}
          />
          <span>{label}</span>
        </label>
        {error}
      </div>
    );
  }

  const choices = choicesOf(field);
  if (choices) {
    const chosen = typeof answer === "boolean" ? String(answer) : answer;
    return (
      <fieldset
        class="field task-choice"
        data-field={field.name}
        disabled={disabled}
        aria-describedby={told}
        aria-invalid={Boolean(fault)}
        role="radiogroup"
      >
        <legend class="field-label">{label}</legend>
        <div class="choices">
          {choices.map((choice, index) => (
            <label key={choice.value} class="choice">
              <input
                type="radio"
                id={index === 0 ? id : undefined}
                name={id}
                value={choice.value}
                checked={chosen === choice.value}
                onChange={() => onAnswer(field.type === "boolean" ? choice.value === "true" : choice.value)}
              />
              <span>{choice.label}</span>
            </label>
          ))}
        </div>
        {error}
      </fieldset>
    );
  }

  const common = {
    id,
    name: field.name,
    value: typeof answer === "string" ? answer : "",
    disabled,
    "aria-required": field.required,
    "aria-invalid": Boolean(fault),
    "aria-describedby": told,
  };
  return (
    <div class="field" data-field={field.name}>
      <label htmlFor={id}>{label}</label>
      {field.type === "text" ? (
        <textarea {...common} class="textarea" rows={4} onInput={(event) => onAnswer(event.currentTarget.value)} />
      ) : field.type === "enum" ? (
        <select {...common} class="select" onChange={(event) => onAnswer(event.currentTarget.value)}>
          <option value="">{t("inbox.choose")}</option>
          {field.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          class="input"
          type={field.type === "date" ? "date" : "text"}
          inputMode={field.type === "integer" ? "numeric" : field.type === "number" ? "decimal" : undefined}
          autoComplete="off"
          onInput={(event) => onAnswer(event.currentTarget.value)}
        />
      )}
      {error}
    </div>
  );
}

/** Few choices are shown all at once; many hide in a list. */
function choicesOf(field: FormField): { value: string; label: string }[] | null {
  if (field.type === "boolean") {
    return [
      { value: "true", label: t("inbox.yes") },
      { value: "false", label: t("inbox.no") },
    ];
  }
  return field.type === "enum" && field.required && field.options.length <= SHORT_CHOICE ? field.options : null;
}
