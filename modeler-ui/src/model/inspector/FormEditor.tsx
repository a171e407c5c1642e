// The declared fields of a form: what a person fills in when the task is done or the process is started.

import { useId, useRef, useState } from "preact/hooks";
import type { FieldType } from "../../records";
import { Icon } from "../../shell/icons";
import { t } from "../../words";
import { fieldName, fieldTypes, type FormField, readForm, writeForm } from "./form";
import type { Subject } from "./fields";
import { flushTyping, useTyped } from "./typed";

export function FormEditor({ subject }: { subject: Subject }) {
  const { drawing, element, object } = subject;
  const fields = readForm(object);
  const [open, setOpen] = useState<number | null>(null);
  const list = useRef<HTMLUListElement>(null);

  const write = (next: readonly FormField[]) => writeForm(drawing, element, object, next);
  const change = (index: number, changes: Partial<FormField>) =>
    write(readForm(object).map((field, at) => (at === index ? { ...field, ...changes } : field)));
  const add = () => {
    flushTyping();
    const now = readForm(object);
    const name = fieldName(t("model.form.newName"), now.map((field) => field.name));
    write([...now, { name, label: "", type: "string", required: false, readOnly: false, default: "", options: [] }]);
    setOpen(now.length);
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>("li:last-of-type input")?.focus());
  };
  const move = (index: number, by: number) => {
    flushTyping();
    const next = readForm(object);
    const [moved] = next.splice(index, 1);
    if (moved) next.splice(index + by, 0, moved);
    write(next);
    setOpen(index + by);
  };
  const remove = (index: number) => {
    write(readForm(object).filter((_, at) => at !== index));
    setOpen(null);
  };

  return (
    <div class="form-editor">
      {fields.length === 0 && <p class="field-hint">{t("model.form.empty")}</p>}
      <ul ref={list} class="form-fields">
        {fields.map((field, index) => (
          <li key={index} class="form-field" data-open={open === index}>
            <button
              type="button"
              class="form-field-head"
              aria-expanded={open === index}
              onClick={() => setOpen(open === index ? null : index)}
            >
              <Icon name="right" class="section-arrow" />
              <span class="grow truncate">{field.label || field.name}</span>
              {field.required && <span class="required-mark" title={t("model.form.required")} aria-hidden="true">*</span>}
              <span class="chip">{t(`model.type.${field.type}`)}</span>
            </button>
            {open === index && (
              <FieldEditor
                field={field}
                names={fields.filter((_, at) => at !== index).map((other) => other.name)}
                onChange={(changes) => change(index, changes)}
                onUp={index > 0 ? () => move(index, -1) : null}
                onDown={index < fields.length - 1 ? () => move(index, 1) : null}
                onRemove={() => remove(index)}
              />
            )}
          </li>
        ))}
      </ul>
      <button type="button" class="button button-small" onClick={add}>
        <Icon name="plus" />
        {t("model.form.add")}
      </button>
    </div>
  );
}

interface FieldEditorProps {
  field: FormField;
  names: readonly string[];
  onChange: (changes: Partial<FormField>) => void;
  onUp: (() => void) | null;
  onDown: (() => void) | null;
  onRemove: () => void;
}

function FieldEditor({ field, names, onChange, onUp, onDown, onRemove }: FieldEditorProps) {
  const id = useId();
  const followsLabel = field.name === fieldName(field.label || t("model.form.newName"), names);
  const label = useTyped(field.label, (value) =>
    onChange(followsLabel ? { label: value, name: fieldName(value || t("model.form.newName"), names) } : { label: value }),
  );
  const validName = (value: string) => /^[A-Za-z]\w*$/.test(value) && !names.includes(value);
  const name = useTyped(field.name, (value) => validName(value) && onChange({ name: value }));
  const standard = useTyped(field.default, (value) => onChange({ default: value }));
  const options = useTyped(optionLines(field.options), (value) => onChange({ options: optionsOf(value) }));
  const nameFault = !validName(name.value);

  return (
    <div class="form-field-body">
      <div class="field">
        <label for={`${id}-label`}>{t("model.form.label")}</label>
        <input id={`${id}-label`} class="input" autocomplete="off" {...label} />
      </div>
      <div class="field-pair">
        <div class="field">
          <label for={`${id}-name`}>{t("model.form.name")}</label>
          <input
            id={`${id}-name`}
            class="input mono"
            autocomplete="off"
            spellcheck={false}
            aria-invalid={nameFault ? true : undefined}
            aria-describedby={nameFault ? `${id}-fault` : undefined}
            {...name}
          />
        </div>
        <div class="field">
          <label for={`${id}-type`}>{t("model.form.type")}</label>
          <select
            id={`${id}-type`}
            class="select"
            value={field.type}
            onChange={(event) => onChange(changedType(field, event.currentTarget.value as FieldType))}
          >
            {fieldTypes.map((type) => (
              <option key={type} value={type}>
                {t(`model.type.${type}`)}
              </option>
            ))}
          </select>
        </div>
      </div>
      {nameFault && (
        <p class="field-error" id={`${id}-fault`} role="alert">
          {t(names.includes(name.value) ? "model.fault.fieldTwice" : "model.fault.fieldName")}
        </p>
      )}
      {field.type === "enum" && (
        <div class="field">
          <label for={`${id}-options`}>{t("model.form.options")}</label>
          <textarea
            id={`${id}-options`}
            class="textarea mono"
            rows={Math.max(3, options.value.split("\n").length)}
            placeholder={t("model.form.optionsPlaceholder")}
            aria-describedby={`${id}-options-hint`}
            {...options}
          />
          <p class="field-hint" id={`${id}-options-hint`}>
            {t("model.form.optionsHint")}
          </p>
        </div>
      )}
      <div class="field">
        <label for={`${id}-default`}>{t("model.form.default")}</label>
        {field.type === "boolean" || field.type === "enum" ? (
          <select
            id={`${id}-default`}
            class="select"
            value={field.default}
            onChange={(event) => onChange({ default: event.currentTarget.value })}
          >
            <option value="">{t("model.form.noDefault")}</option>
            {field.type === "boolean"
              ? ["true", "false"].map((value) => (
                  <option key={value} value={value}>
                    {t(value === "true" ? "model.form.yes" : "model.form.no")}
                  </option>
                ))
              : field.options.map((option) => (
                  <option key={option.value} value={option.value}>
                    {option.label || option.value}
                  </option>
                ))}
          </select>
        ) : (
          <input id={`${id}-default`} class="input" type={field.type === "date" ? "date" : "text"} autocomplete="off" {...standard} />
        )}
      </div>
      <div class="form-field-flags">
        <label class="check">
          <input type="checkbox" checked={field.required} onChange={(event) => onChange({ required: event.currentTarget.checked })} />
          <span>{t("model.form.required")}</span>
        </label>
        <label class="check">
          <input type="checkbox" checked={field.readOnly} onChange={(event) => onChange({ readOnly: event.currentTarget.checked })} />
          <span>{t("model.form.readOnly")}</span>
        </label>
      </div>
      <div class="row">
        <button type="button" class="button button-quiet button-icon button-small" aria-label={t("model.form.up")} title={t("model.form.up")} disabled={!onUp} onClick={() => onUp?.()}>
          <Icon name="up" />
        </button>
        <button type="button" class="button button-quiet button-icon button-small" aria-label={t("model.form.down")} title={t("model.form.down")} disabled={!onDown} onClick={() => onDown?.()}>
          <Icon name="down" />
        </button>
        <span class="grow" />
        <button type="button" class="button button-quiet button-small" onClick={onRemove}>
          <Icon name="trash" />
          {t("model.form.remove")}
        </button>
      </div>
    </div>
  );
}

/** A standard value of another type would be refused at deployment. */
function changedType(field: FormField, type: FieldType): Partial<FormField> {
  return field.default && type !== field.type ? { type, default: "" } : { type };
}

function optionLines(options: FormField["options"]): string {
  return options.map(({ value, label }) => (label && label !== value ? `${value} = ${label}` : value)).join("\n");
}

function optionsOf(lines: string): FormField["options"] {
  return lines.split("\n").flatMap((line) => {
    const [value, ...label] = line.split("=");
    return value?.trim() ? [{ value: value.trim(), label: label.join("=").trim() }] : [];
  });
}
