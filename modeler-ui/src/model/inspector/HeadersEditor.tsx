// Fixed texts that a worker gets along with each job of this task.

import { useRef, useState } from "preact/hooks";
import { Icon } from "../../shell/icons";
import { t } from "../../words";
import { type Header, readHeaders, writeHeaders } from "./form";
import type { Subject } from "./sections";
import { flushTyping, useTyped } from "./typed";

export function HeadersEditor({ subject }: { subject: Subject }) {
  const { drawing, element, object } = subject;
  // A header without a name cannot be deployed; it stays here until it has one.
  const [unnamed, setUnnamed] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const headers = readHeaders(object);
  const shown = unnamed ? [...headers, { name: "", value: "" }] : headers;

  const change = (index: number, changes: Partial<Header>) => {
    const now = readHeaders(object);
    const next = { ...(now[index] ?? { name: "", value: "" }), ...changes };
    if (index >= now.length && !next.name.trim()) return;
    if (index >= now.length) setUnnamed(false);
    writeHeaders(drawing, element, object, [...now.slice(0, index), next, ...now.slice(index + 1)]);
  };
  const remove = (index: number) => {
    flushTyping();
    if (index >= readHeaders(object).length) setUnnamed(false);
    else writeHeaders(drawing, element, object, readHeaders(object).filter((_, at) => at !== index));
  };
  return (
    <div class="field" role="group" aria-label={t("model.field.headers")}>
      <span class="field-label">{t("model.field.headers")}</span>
      <div ref={list} class="headers">
        {shown.map((header, index) => (
          <HeaderRow key={index} header={header} onChange={(changes) => change(index, changes)} onRemove={() => remove(index)} />
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
          {t("model.headers.add")}
        </button>
      </div>
      <p class="field-hint">{t("model.hint.headers")}</p>
    </div>
  );
}

interface RowProps {
  header: Header;
  onChange: (changes: Partial<Header>) => void;
  onRemove: () => void;
}

function HeaderRow({ header, onChange, onRemove }: RowProps) {
  const name = useTyped(header.name, (value) => onChange({ name: value.trim() }));
  const value = useTyped(header.value, (text) => onChange({ value: text }));
  return (
    <div class="header-row">
      <input class="input mono" aria-label={t("model.headers.name")} placeholder={t("model.headers.name")} autocomplete="off" {...name} />
      <input class="input" aria-label={t("model.headers.value")} placeholder={t("model.headers.value")} autocomplete="off" {...value} />
      <button type="button" class="button button-quiet button-icon button-small" aria-label={t("model.headers.remove", { name: header.name })} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}
