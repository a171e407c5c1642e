// A message, signal, error or escalation that the file declares for all its elements: one is chosen, or made in place.

import { useId, useRef } from "preact/hooks";
import { counted, t, type WordKey } from "../../words";
import { definitionsOf, type Moddle, text } from "../canvas/moddle";
import type { DeclaredField, DeclaredKind, Subject } from "./fields";
import { flushTyping, useTyped } from "./typed";

const NEW = "+";

const kinds: Record<DeclaredKind, { type: string; reference: string; code?: string }> = {
  message: { type: "bpmn:Message", reference: "messageRef" },
  signal: { type: "bpmn:Signal", reference: "signalRef" },
  error: { type: "bpmn:Error", reference: "errorRef", code: "errorCode" },
  escalation: { type: "bpmn:Escalation", reference: "escalationRef", code: "escalationCode" },
};

export function DeclaredEditor({ field, subject }: { field: DeclaredField; subject: Subject }) {
  const { drawing, element } = subject;
  const { type, reference, code } = kinds[field.what];
  const id = useId();
  const details = useRef<HTMLDivElement>(null);
  const holder = field.holder(subject);
  const chosen = holder.get<Moddle | undefined>(reference);
  const all = drawing.declared(type);
  const noneWords: WordKey = field.none ?? `inspect.choose.${field.what}`;

  const choose = (value: string) => {
    flushTyping();
    drawing.together(() => {
      const found =
        value === NEW
          ? drawing.declare(element, type, { name: freeName(subject, all, field.what) })
          : all.find((one) => one.id === value);
      drawing.updateInside(element, holder, { [reference]: found });
    });
    if (value !== NEW) return;
    // Its name is a proposal: typing replaces it.
    requestAnimationFrame(() => details.current?.querySelector<HTMLInputElement>("input")?.select());
  };
  return (
    <>
      <div class="field">
        <label for={id}>
          {t(`inspect.field.${field.what}`)}
          {!field.none && (
            <span class="required" aria-hidden="true">
              {" *"}
            </span>
          )}
        </label>
        <select
          id={id}
          class="select"
          value={chosen?.id ?? ""}
          aria-required={!field.none}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">{t(noneWords)}</option>
          {all.map((one) => (
            <option key={one.id} value={one.id}>
              {title(one, code)}
            </option>
          ))}
          <option value={NEW}>{t(`inspect.new.${field.what}`)}</option>
        </select>
      </div>
      {chosen && (
        <div class="declared" ref={details} key={chosen.id}>
          <Detail subject={subject} object={chosen} name="name" label={`inspect.name.${field.what}`} />
          {code && <Detail subject={subject} object={chosen} name={code} label="inspect.field.code" hint="inspect.hint.code" mono />}
          <Users subject={subject} object={chosen} reference={reference} />
        </div>
      )}
    </>
  );
}

interface DetailProps {
  subject: Subject;
  object: Moddle;
  name: string;
  label: WordKey;
  hint?: WordKey;
  mono?: boolean;
}

function Detail({ subject: { drawing, element }, object, name, label, hint, mono = false }: DetailProps) {
  const id = useId();
  const typed = useTyped(text(object, name), (value) => {
    if (value.trim() !== text(object, name)) drawing.updateInside(element, object, { [name]: value.trim() || undefined });
  });
  return (
    <div class="field">
      <label for={id}>{t(label)}</label>
      <input
        id={id}
        class={mono ? "input mono" : "input"}
        autocomplete="off"
        aria-describedby={hint && `${id}-hint`}
        onKeyDown={(event) => event.key === "Enter" && typed.onBlur()}
        {...typed}
      />
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {t(hint)}
        </p>
      )}
    </div>
  );
}

/** A change here changes it everywhere: say where else. */
function Users({ subject: { drawing }, object, reference }: { subject: Subject; object: Moddle; reference: string }) {
  const users = drawing.find.all(({ businessObject }) =>
    [businessObject, ...definitionsOf(businessObject)].some((one) => one[reference] === object),
  );
  if (users.length < 2) return null;
  return <p class="field-hint">{counted("inspect.shared", users.length - 1)}</p>;
}

function title(object: Moddle, code: string | undefined): string {
  const name = text(object, "name") || (object.id ?? "");
  const said = code ? text(object, code) : "";
  return said && said !== name ? `${name} (${said})` : name;
}

/** The element's own name, if nothing else is called so. */
function freeName({ object }: Subject, all: readonly Moddle[], what: DeclaredKind): string {
  const taken = new Set(all.map((one) => text(one, "name")));
  const base = text(object, "name").replace(/\s+/g, " ").trim() || t(`inspect.field.${what}`);
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base} ${number}`;
  return name;
}
