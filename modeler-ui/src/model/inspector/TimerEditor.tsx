// When a timer is due: at a date, after a while, or again and again, with what is typed said in words.

import { useId, useState } from "preact/hooks";
import { language, t } from "../../words";
import { type Moddle, text } from "../canvas/moddle";
import type { Subject, TimerField } from "./fields";
import { type Reading, readTime, type Span, type TimerKind } from "./timer";
import { flushTyping, useTyped } from "./typed";

const kinds: readonly TimerKind[] = ["duration", "date", "cycle"];
const property = { date: "timeDate", duration: "timeDuration", cycle: "timeCycle" } as const;

export function TimerEditor({ field, subject }: { field: TimerField; subject: Subject }) {
  const { drawing, element } = subject;
  const definition = field.holder(subject);
  const set = kinds.find((kind) => definition.get(property[kind]) !== undefined);
  const [wanted, setWanted] = useState<TimerKind>("duration");
  const kind = set ?? wanted;
  const id = useId();
  const value = text(definition.get<Moddle | undefined>(property[kind]), "body");

  const write = (of: TimerKind, given: string) => {
    const body = given.trim();
    const made = body ? drawing.create("bpmn:FormalExpression", { body }) : undefined;
    if (made) made.$parent = definition;
    const times = Object.fromEntries(kinds.map((one) => [property[one], one === of ? made : undefined]));
    drawing.updateInside(element, definition, times);
  };
  const typed = useTyped(value, (given) => {
    if (given.trim() !== value) write(kind, given);
  });
  const reading = readTime(kind, typed.value);
  return (
    <>
      <div class="field">
        <span class="field-label" id={`${id}-kind`}>
          {t("inspect.field.timer")}
        </span>
        <div class="segments" role="radiogroup" aria-labelledby={`${id}-kind`}>
          {kinds.map((one) => (
            <label key={one} class="segment">
              <input
                type="radio"
                name={`${id}-kind`}
                checked={one === kind}
                onChange={() => {
                  flushTyping();
                  setWanted(one);
                  if (set) write(one, value);
                }}
              />
              <span>{t(`inspect.timer.${one}`)}</span>
            </label>
          ))}
        </div>
      </div>
      <div class="field">
        <label for={id}>
          {t(`inspect.timer.${kind}.label`)}
          <span class="required" aria-hidden="true">
            {" *"}
          </span>
        </label>
        <input
          id={id}
          class="input mono"
          autocomplete="off"
          spellcheck={false}
          placeholder={t(`inspect.timer.${kind}.placeholder`)}
          aria-required
          aria-invalid={reading.means === "fault" ? true : undefined}
          aria-describedby={`${id}-says ${id}-hint`}
          onKeyDown={(event) => event.key === "Enter" && typed.onBlur()}
          {...typed}
        />
        <p class={reading.means === "fault" ? "field-error" : "field-says"} id={`${id}-says`} aria-live="polite">
          {said(reading, kind)}
        </p>
        <p class="field-hint" id={`${id}-hint`}>
          {t(`inspect.timer.${kind}.hint`)}
        </p>
      </div>
    </>
  );
}

/** What the time means, in the user's language. */
function said(reading: Reading, kind: TimerKind): string {
  switch (reading.means) {
    case "empty":
      return "";
    case "fault":
      return t(`inspect.timer.${kind}.fault`);
    case "computed":
      return t("inspect.timer.computed");
    case "date":
      return t(reading.local ? "inspect.timer.on.local" : "inspect.timer.on", { when: when(reading.at) });
    case "duration":
      return t("inspect.timer.after", { span: spanText(reading.span) });
    case "cron":
      return t("inspect.timer.cron");
    case "cycle": {
      const span = spanText(reading.span);
      const words = reading.times === null ? t("inspect.timer.every", { span }) : t("inspect.timer.times", { span, times: reading.times });
      return reading.from ? t("inspect.timer.from", { words, when: when(reading.from) }) : words;
    }
  }
}

function when(at: Date): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "full", timeStyle: "short" }).format(at);
}

function spanText(span: Span): string {
  const parts = span.map(({ unit, count }) =>
    new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "long" }).format(count),
  );
  return new Intl.ListFormat(language.value, { type: "conjunction" }).format(parts);
}
