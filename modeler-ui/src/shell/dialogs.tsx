// Dialogs on the browser's own <dialog>: it keeps the focus inside, Escape closes, and the focus returns afterwards.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../words";
import { Icon } from "./icons";

interface DialogProps {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
  /** Buttons below; the last one is what Enter is for. */
  actions?: ComponentChildren;
  /** While true, nothing closes it: an answer is awaited. */
  busy?: boolean;
  wide?: boolean;
  onSubmit?: () => void;
}

export function Dialog({ title, onClose, children, actions, busy = false, wide = false, onSubmit }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    // Where nothing asks for the focus it goes to the first field, not to the cross.
    if (!element.current?.querySelector("[autofocus]:not(:disabled)")) {
      element.current?.querySelector<HTMLElement>(".dialog-body :is(input, select, textarea):not(:disabled)")?.focus();
    }
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const body = (
    <>
      <header class="dialog-head">
        <h2 id={titleId} class="grow">
          {title}
        </h2>
        <button
          type="button"
          class="button button-quiet button-icon button-small"
          aria-label={t("shell.close")}
          disabled={busy}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="dialog-body">{children}</div>
      {actions && <footer class="dialog-actions">{actions}</footer>}
    </>
  );
  return (
    <dialog
      ref={element}
      class={wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
    >
      {onSubmit ? (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) onSubmit();
          }}
        >
          {body}
        </form>
      ) : (
        body
      )}
    </dialog>
  );
}

interface Question {
  title: string;
  text: string;
  /** The button that does it; it is red where something gets lost. */
  yes: string;
  danger?: boolean;
  /** A second way to go on, e.g. "save first". */
  other?: string;
}

type Answer = "yes" | "other" | "no";
const open = signal<(Question & { answer: (given: Answer) => void }) | null>(null);

/** Asks before something that cannot be taken back. */
export function ask(question: Question): Promise<Answer> {
  open.value?.answer("no");
  return new Promise((resolve) => {
    open.value = {
      ...question,
      answer: (given) => {
        open.value = null;
        resolve(given);
      },
    };
  });
}

export function Questions() {
  const question = open.value;
  if (!question) return null;
  const { title, text, yes, danger, other, answer } = question;
  return (
    <Dialog
      title={title}
      onClose={() => answer("no")}
      actions={
        <>
          <button type="button" class="button" autofocus={danger} onClick={() => answer("no")}>
            {t("shell.cancel")}
          </button>
          {danger || other ? (
            <button type="button" class={danger ? "button button-danger" : "button"} onClick={() => answer("yes")}>
              {yes}
            </button>
          ) : null}
          {other ? (
            <button type="button" class="button button-primary" autofocus onClick={() => answer("other")}>
              {other}
            </button>
          ) : (
            !danger && (
              <button type="button" class="button button-primary" autofocus onClick={() => answer("yes")}>
                {yes}
              </button>
            )
          )}
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  );
}
