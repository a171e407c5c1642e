// The drawing as a list, for the keyboard and for large diagrams: arrow keys move, and what is reached is selected.

import { useEffect, useRef } from "preact/hooks";
import type { DiagramProblem } from "../records";
import { Icon } from "../shell/icons";
import { t } from "../words";
import type { Drawing } from "./canvas/drawing";
import { elementTitle, kindIcon, kindWords } from "./kinds";
import { worst } from "./problems";

interface Props {
  drawing: Drawing;
  problems: readonly DiagramProblem[];
}

export function Outline({ drawing, problems }: Props) {
  void drawing.revision.value;
  const list = useRef<HTMLUListElement>(null);
  const entries = drawing.find.outline();
  const chosen = drawing.selection.value ?? drawing.root;
  const at = Math.max(0, entries.findIndex((entry) => entry.element === chosen));

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const go = (to: number) => {
    const entry = entries[Math.min(entries.length - 1, Math.max(0, to))];
    if (entry) drawing.select(entry.element);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(entries.length - 1),
      PageDown: () => go(at + 10),
      PageUp: () => go(at - 10),
      Enter: () => document.querySelector<HTMLElement>("#tab-properties")?.click(),
      Delete: () => remove(),
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move();
  };
  const remove = () => {
    const element = entries[at]?.element;
    if (!element?.parent) return;
    go(at - 1);
    drawing.remove(element);
  };
  return (
    <div class="outline">
      <p class="field-hint outline-hint">{t("model.outline.hint")}</p>
      <ul
        ref={list}
        class="outline-list"
        role="listbox"
        aria-label={t("model.panel.outline")}
        tabIndex={0}
        aria-activedescendant={`outline-${at}`}
        onKeyDown={onKeyDown}
      >
        {entries.map(({ element, depth }, index) => {
          const own = problems.filter((one) => one.element_id && drawing.find.element(one.element_id) === element);
          return (
            <li
              key={element.id}
              id={`outline-${index}`}
              role="option"
              aria-selected={index === at}
              class="outline-entry"
              style={{ paddingLeft: `${10 + depth * 16}px` }}
              onClick={() => drawing.select(element)}
            >
              <span class={`outline-icon ${kindIcon(element)}`} aria-hidden="true" />
              <span class="grow truncate">{elementTitle(element)}</span>
              <span class="visually-hidden">, {kindWords(element)}</span>
              {own.length > 0 && (
                <span class={`outline-problem outline-problem-${worst(own)}`}>
                  <Icon name={worst(own)} />
                  <span class="visually-hidden">: {own.map((one) => one.message).join(" ")}</span>
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
