// The events that one event stands for, when there are several.

import { kindOf, typedEvent } from "../../elements";
import { Icon } from "../../shell/icons";
import { t } from "../../words";
import { kindText } from "../../words/kinds";
import { definitionsOf, elementKind, type Moddle, tagOf } from "../canvas/moddle";
import { offers } from "../canvas/offers";
import type { Subject } from "./fields";
import { flushTyping } from "./typed";

/** These stand alone, always. */
const alone = ["link", "cancel", "terminate"];

export function EventsEditor({ subject: { drawing, element, object } }: { subject: Subject }) {
  const own = definitionsOf(object);
  const tag = tagOf(object);
  const place = typedEvent(elementKind(object))?.place;
  const addable = offers.filter(({ kind, attributes }) => {
    const typed = typedEvent(kind);
    return typed?.place === place && attributes.eventDefinitionType !== undefined && !alone.includes(typed?.event ?? "");
  });
  const write = (eventDefinitions: readonly Moddle[]) => {
    flushTyping();
    drawing.update(element, { eventDefinitions });
  };
  const add = (type: string) => {
    const made = drawing.create(type);
    made.$parent = object;
    if (type === "bpmn:ConditionalEventDefinition") made["condition"] = drawing.create("bpmn:FormalExpression");
    write([...own, made]);
  };
  return (
    <div class="field" role="group" aria-label={t("inspect.section.events")}>
      <ul class="event-list">
        {own.map((definition) => {
          const words = kindText(kindOf(tag, [tagOf(definition)]));
          return (
            <li key={definition.id}>
              <span class="grow truncate">{words}</span>
              <button
                type="button"
                class="button button-quiet button-icon button-small"
                aria-label={t("inspect.pair.remove", { name: words })}
                onClick={() => write(own.filter((one) => one !== definition))}
              >
                <Icon name="close" />
              </button>
            </li>
          );
        })}
      </ul>
      <select class="select" aria-label={t("inspect.add.event")} value="" onChange={(event) => event.currentTarget.value && add(event.currentTarget.value)}>
        <option value="">{t("inspect.add.event")}</option>
        {addable.map(({ kind, attributes }) => (
          <option key={kind} value={attributes.eventDefinitionType}>
            {kindText(kind)}
          </option>
        ))}
      </select>
    </div>
  );
}
