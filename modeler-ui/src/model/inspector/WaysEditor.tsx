// The ways out of a gateway with their conditions, all in one place.

import { useId } from "preact/hooks";
import { Icon } from "../../shell/icons";
import { t } from "../../words";
import { type Drawn, is, text } from "../canvas/moddle";
import { elementTitle } from "../kinds";
import type { Subject } from "./fields";
import { isDefault, readCondition, writeCondition } from "./flows";
import { useTyped } from "./typed";

export function WaysEditor({ subject }: { subject: Subject }) {
  const { drawing, element } = subject;
  const group = useId();
  const ways = element.outgoing;
  const choose = (flow: Drawn | null) => drawing.update(element, { default: flow?.businessObject });
  if (ways.length === 0) return <p class="field-hint">{t("model.ways.none")}</p>;
  return (
    <div class="ways">
      <p class="field-hint">{t(is(subject.object, "bpmn:ExclusiveGateway") ? "model.ways.hint" : "model.ways.every")}</p>
      {ways.map((flow) => (
        <Way key={flow.id} flow={flow} group={group} subject={subject} onDefault={() => choose(flow)} />
      ))}
      {ways.length > 1 && (
        <label class="check">
          <input type="radio" name={group} checked={!ways.some((flow) => isDefault(flow.businessObject))} onChange={() => choose(null)} />
          <span>{t("model.ways.noDefault")}</span>
        </label>
      )}
    </div>
  );
}

interface WayProps {
  flow: Drawn;
  group: string;
  subject: Subject;
  onDefault: () => void;
}

function Way({ flow, group, subject, onDefault }: WayProps) {
  const { drawing } = subject;
  const id = useId();
  const object = flow.businessObject;
  const standard = isDefault(object);
  const condition = useTyped(readCondition(object), (value) => {
    if (value !== readCondition(object)) writeCondition({ drawing, element: flow, object }, value);
  });
  const title = text(object, "name") || (flow.target ? elementTitle(flow.target) : flow.id);
  return (
    <div class="way">
      <div class="way-head">
        <button type="button" class="way-title" onClick={() => drawing.select(flow)} title={t("model.ways.select")}>
          <Icon name="right" />
          <span class="truncate">{title}</span>
        </button>
        {subject.element.outgoing.length > 1 && (
          <label class="check">
            <input type="radio" name={group} checked={standard} onChange={onDefault} />
            <span>{t("model.ways.default")}</span>
          </label>
        )}
      </div>
      <label class="visually-hidden" for={id}>
        {t("model.ways.conditionOf", { way: title })}
      </label>
      <input
        id={id}
        class="input mono"
        placeholder={standard ? t("model.ways.otherwise") : t("model.placeholder.condition")}
        autocomplete="off"
        spellcheck={false}
        {...condition}
      />
    </div>
  );
}
