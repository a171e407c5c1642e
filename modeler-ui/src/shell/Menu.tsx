// A button with a menu below it: arrow keys move, Escape and a click elsewhere close, letters jump.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

interface MenuProps {
  /** What the button shows. */
  button: ComponentChildren;
  label: string;
  buttonClass?: string;
  /** Where the menu opens from the button. */
  side?: "below-right" | "below-left" | "beside";
  /** The entries, as <MenuItem>, <MenuTitle>, <hr>. */
  children: ComponentChildren;
}

export function Menu({ button, label, buttonClass = "button", side = "below-right", children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    items()[0]?.focus();
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [open]);

  const items = () => [...(list.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)') ?? [])];
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const move = (to: number) => {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    };
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at - 1);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(-1);
    else if (event.key === "Tab") setOpen(false);
    else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const wanted = event.key.toLowerCase();
      const found = [...all.slice(at + 1), ...all].find((one) => one.textContent?.trim().toLowerCase().startsWith(wanted));
      if (found) {
        event.preventDefault();
        found.focus();
      }
    }
  };
  return (
    <div class="menu-root" ref={root}>
      <button
        ref={opener}
        type="button"
        class={buttonClass}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" && !open) {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        {button}
      </button>
      {open && (
        <div
          ref={list}
          id={id}
          class={`menu menu-${side}`}
          role="menu"
          aria-label={label}
          onKeyDown={onKeyDown}
          onClick={(event) => {
            if ((event.target as Element).closest('[role="menuitem"]')) close();
          }}
        >
          {children}
        </div>
      )}
    </div>
  );
}

interface MenuItemProps {
  children: ComponentChildren;
  onSelect: () => void;
  icon?: ComponentChildren;
  hint?: ComponentChildren;
  danger?: boolean;
  disabled?: boolean;
  /** One of several, of which one is chosen; the menu stays open. */
  chosen?: boolean;
}

export function MenuItem({ children, onSelect, icon, hint, danger, disabled, chosen }: MenuItemProps) {
  return (
    <button
      type="button"
      class={danger ? "menu-item menu-item-danger" : "menu-item"}
      role={chosen === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={chosen}
      tabIndex={-1}
      disabled={disabled}
      onClick={onSelect}
    >
      {icon}
      <span class="grow">{children}</span>
      {hint}
    </button>
  );
}

export function MenuTitle({ children }: { children: ComponentChildren }) {
  return (
    <div class="menu-title" role="presentation">
      {children}
    </div>
  );
}
