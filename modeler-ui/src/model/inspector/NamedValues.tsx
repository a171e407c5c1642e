// A list of names with a value each: headers, correlation keys, what goes in and out.

import { useId, useRef, useState } from "preact/hooks";
import { Icon } from "../../shell/icons";
import { t } from "../../words";
import { flushTyping, useTyped } from "./typed";

export interface NamedValue {
  name: string;
  value: string;
}

interface Props {
  label: string;
  hint?: string | undefined;
  nameLabel: string;
  valueLabel: string;
  add: string;
  /** Values are expressions: shown as code. */
  code?: boolean;
  read: () => readonly NamedValue[];
  write: (rows: readonly NamedValue[]) => void;
}

export function NamedValues({ label, hint, nameLabel, valueLabel, add, code = false, read, write }: Props) {
  // An entry without a name cannot be deployed; it stays here until it has one.
  const [unnamed, setUnnamed] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const rows = read();
  const shown = unnamed ? [...rows, { name: "", value: "" }] : rows;

  const change = (index: number, changes: Partial<NamedValue>) => {
    const now = read();
    const next = { ...(now[index] ?? { name: "", value: "" }), ...changes };
    if (index >= now.length && !next.name.trim()) return;
    if (index >= now.length) setUnnamed(false);
    write([...now.slice(0, index), next, ...now.slice(index + 1)]);
  };
  const remove = (index: number) => {
    flushTyping();
    if (index >= read().length) setUnnamed(false);
    else write(read().filter((_, at) => at !== index));
  };
  return (
    <div class="field" role="group" aria-labelledby={id}>
      <span class="field-label" id={id}>
        {label}
      </span>
      <div ref={list} class="headers">
        {shown.map((row, index) => (
          <Row
            key={index}
            row={row}
            nameLabel={nameLabel}
            valueLabel={valueLabel}
            code={code}
            onChange={(changes) => change(index, changes)}
            onRemove={() => remove(index)}
          />
        ))}
      </div>
      <div>
        <button
          type="button"
          class="button button-small"
          disabled={unnamed}
          onClick={() => {
            setUnnamed(true);
            requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>(".header-row:last-child input")?.focus());
          }}
        >
          <Icon name="plus" />
          {add}
        </button>
      </div>
      {hint && <p class="field-hint">{hint}</p>}
    </div>
  );
}

interface RowProps {
  row: NamedValue;
  nameLabel: string;
  valueLabel: string;
  code: boolean;
  onChange: (changes: Partial<NamedValue>) => void;
  onRemove: () => void;
}

function Row({ row, nameLabel, valueLabel, code, onChange, onRemove }: RowProps) {
  const name = useTyped(row.name, (value) => onChange({ name: value.trim() }));
  const value = useTyped(row.value, (text) => onChange({ value: text }));
  const common = { autocomplete: "off", spellcheck: false } as const;
  return (
    <div class="header-row">
      <input class="input mono" aria-label={nameLabel} placeholder={nameLabel} {...common} {...name} />
      <input class={code ? "input mono" : "input"} aria-label={valueLabel} placeholder={valueLabel} {...common} {...value} />
      <button
        type="button"
        class="button button-quiet button-icon button-small"
        aria-label={t("inspect.pair.remove", { name: row.name })}
        onClick={onRemove}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
