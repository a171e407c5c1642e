// Every word the app says, in the user's language. English decides which words there are; a language that lacks one,
// or has one too many, does not pass the type check.

import { computed, effect, signal } from "@preact/signals";
import { stored } from "../shell/stored";
import { inboxDe } from "./inbox.de";
import { inboxEn } from "./inbox.en";
import { inspectorDe } from "./inspector.de";
import { inspectorEn } from "./inspector.en";
import { kindsDe } from "./kinds.de";
import { kindsEn } from "./kinds.en";
import { modelDe } from "./model.de";
import { modelEn } from "./model.en";
import { operateDe } from "./operate.de";
import { operateEn } from "./operate.en";
import { shellDe } from "./shell.de";
import { shellEn } from "./shell.en";

const en = { ...shellEn, ...kindsEn, ...modelEn, ...inspectorEn, ...inboxEn, ...operateEn };
export type WordKey = keyof typeof en;
const de: Record<WordKey, string> = { ...shellDe, ...kindsDe, ...modelDe, ...inspectorDe, ...inboxDe, ...operateDe };

export type Language = "en" | "de";
export const languages: readonly { id: Language; name: string }[] = [
  { id: "en", name: "English" },
  { id: "de", name: "Deutsch" },
];

const browserLanguage: Language = navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
export const language = signal<Language>(stored("language", ["en", "de"] as const) ?? browserLanguage);
const words = computed(() => (language.value === "de" ? de : en));

effect(() => {
  document.documentElement.lang = language.value;
});

/** The words for `key`, with `{name}` replaced by what is given. Components that call it follow the language. */
export function t(key: WordKey, given?: Record<string, string | number>): string {
  const text: string = words.value[key];
  if (!given) return text;
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(given[name] ?? all));
}

/** `key` + ".one" or ".other" by the number, which is also given to the words as `{count}`. */
export function counted<K extends string>(
  key: K & (`${K}.one` extends WordKey ? (`${K}.other` extends WordKey ? unknown : never) : never),
  count: number,
  given?: Record<string, string | number>,
): string {
  const form = new Intl.PluralRules(language.value).select(count) === "one" ? "one" : "other";
  return t(`${key as string}.${form}` as WordKey, { count, ...given });
}
