// The engine's kinds of element ("timer_boundary_event") in words.

import { typedEvent } from "../elements";
import { t, type WordKey } from ".";
import { kindsEn } from "./kinds.en";

export function kindText(kind: string): string {
  const typed = typedEvent(kind);
  if (typed) return t("kind.typed", { event: t(`kind.event.${typed.event}`), place: t(`kind.place.${typed.place}`) });
  return known(`kind.${kind}`) ?? kind.replaceAll("_", " ");
}

/** What it does, in a few words; nothing where its name says it. */
export function kindDoes(kind: string): string | undefined {
  return known(`kind.does.${kind}`);
}

function known(key: string): string | undefined {
  return key in kindsEn ? t(key as WordKey) : undefined;
}
