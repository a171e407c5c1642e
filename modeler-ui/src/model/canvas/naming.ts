// What the things are called that can be drawn.

import { t, type WordKey } from "../../words";
import { kindText } from "../../words/kinds";
import type { Offer } from "./offers";

const others: Record<string, WordKey> = {
  data_object: "model.create.data",
  data_store: "model.kind.store",
  participant: "model.create.pool",
  group: "model.create.group",
  text_annotation: "model.create.annotation",
};

export function offerName({ kind }: Offer): string {
  const words = others[kind];
  return words ? t(words) : kindText(kind);
}
