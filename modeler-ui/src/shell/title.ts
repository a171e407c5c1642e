// What the browser's tab says: what is open, the place, the product.

import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../words";
import { route } from "./router";

const subject = signal("");

effect(() => {
  const { place } = route.value;
  const parts = [subject.value, place === "unknown" ? "" : t(`shell.${place}`), "Signalbox"];
  document.title = parts.filter(Boolean).join(" · ");
});

/** While mounted, the tab names `name` first. */
export function useTitle(name: string): void {
  useEffect(() => {
    subject.value = name;
    return () => {
      subject.value = "";
    };
  }, [name]);
}
