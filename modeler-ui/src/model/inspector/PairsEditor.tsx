// Names with expressions, each an extension element of its own: correlation keys, payload, inputs and outputs.

import { t } from "../../words";
import { allExtensions, is, text } from "../canvas/moddle";
import type { PairsField, Subject } from "./fields";
import { NamedValues } from "./NamedValues";

export function PairsEditor({ field, subject }: { field: PairsField; subject: Subject }) {
  const { drawing, element } = subject;
  const { holder, type, key } = field;
  return (
    <NamedValues
      label={t(field.label)}
      hint={field.hint && t(field.hint)}
      nameLabel={t(field.nameLabel)}
      valueLabel={t(field.valueLabel)}
      add={t(field.add)}
      code
      read={() =>
        allExtensions(holder(subject))
          .filter((one) => is(one, type))
          .map((one) => ({ name: text(one, key), value: text(one, "value") }))
      }
      write={(rows) => {
        const made = rows.map(({ name, value }) => drawing.create(type, { [key]: name, value: value || undefined }));
        drawing.setExtensions(element, holder(subject), type, made);
      }}
    />
  );
}
