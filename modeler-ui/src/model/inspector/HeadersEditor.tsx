// Fixed texts that a worker gets along with each job of this task.

import { t } from "../../words";
import type { Subject } from "./fields";
import { readHeaders, writeHeaders } from "./form";
import { NamedValues } from "./NamedValues";

export function HeadersEditor({ subject: { drawing, element, object } }: { subject: Subject }) {
  return (
    <NamedValues
      label={t("model.field.headers")}
      hint={t("model.hint.headers")}
      nameLabel={t("model.headers.name")}
      valueLabel={t("model.headers.value")}
      add={t("model.headers.add")}
      read={() => readHeaders(object)}
      write={(rows) => writeHeaders(drawing, element, object, rows)}
    />
  );
}
