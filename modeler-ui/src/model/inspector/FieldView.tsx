// One field of the inspector, by its kind.

import { useEffect, useId, useState } from "preact/hooks";
import { t } from "../../words";
import { DeclaredEditor } from "./DeclaredEditor";
import { EventsEditor } from "./EventsEditor";
import type { ChoiceField, Field, Subject, TextField, ToggleField } from "./fields";
import { FormEditor } from "./FormEditor";
import { HeadersEditor } from "./HeadersEditor";
import { PairsEditor } from "./PairsEditor";
import { TimerEditor } from "./TimerEditor";
import { flushTyping, useTyped } from "./typed";
import { WaysEditor } from "./WaysEditor";

export function FieldView({ field, subject }: { field: Field; subject: Subject }) {
  switch (field.kind) {
    case "form":
      return <FormEditor subject={subject} />;
    case "headers":
      return <HeadersEditor subject={subject} />;
    case "ways":
      return <WaysEditor subject={subject} />;
    case "events":
      return <EventsEditor subject={subject} />;
    case "pairs":
      return <PairsEditor field={field} subject={subject} />;
    case "declared":
      return <DeclaredEditor field={field} subject={subject} />;
    case "timer":
      return <TimerEditor field={field} subject={subject} />;
    case "choice":
      return <ChoiceView field={field} subject={subject} />;
    case "toggle":
      return <ToggleView field={field} subject={subject} />;
    default:
      return <TextView field={field} subject={subject} />;
  }
}

function ToggleView({ field, subject }: { field: ToggleField; subject: Subject }) {
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

function ChoiceView({ field, subject }: { field: ChoiceField; subject: Subject }) {
  const id = useId();
  const hint = field.hint && `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{t(field.label)}</label>
      <select
        id={id}
        class="select"
        value={field.read(subject)}
        aria-describedby={hint}
        onChange={(event) => {
          flushTyping();
          field.write(subject, event.currentTarget.value);
        }}
      >
        {field.choices(subject).map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {field.hint && (
        <p class="field-hint" id={hint}>
          {t(field.hint)}
        </p>
      )}
    </div>
  );
}

/** What may be meant, as the browser offers it while one types. */
function useSuggestions(field: TextField, subject: Subject): readonly string[] {
  const [found, setFound] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!field.suggestions) return undefined;
    let gone = false;
    Promise.resolve(field.suggestions(subject)).then(
      (names) => !gone && setFound([...new Set(names)]),
      () => undefined, // without them one types the whole name
    );
    return () => {
      gone = true;
    };
  }, [field.id, subject.element]);
  return found;
}

function TextView({ field, subject }: { field: TextField; subject: Subject }) {
  const id = useId();
  const typed = useTyped(field.read(subject), (value) => {
    if (!field.fault?.(subject, value) && value !== field.read(subject)) field.write(subject, value);
  });
  const suggestions = useSuggestions(field, subject);
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
          list={suggestions.length > 0 ? `${id}-list` : undefined}
          onKeyDown={(event) => event.key === "Enter" && typed.onBlur()}
        />
      )}
      {suggestions.length > 0 && (
        <datalist id={`${id}-list`}>
          {suggestions.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
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
