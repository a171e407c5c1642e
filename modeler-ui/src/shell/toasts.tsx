// Short notes in the corner. A success goes by itself; an error stays until it is closed.

import { signal } from "@preact/signals";
import { Problem } from "../http";
import { t } from "../words";
import { Icon } from "./icons";

export interface Toast {
  kind: "success" | "error" | "info";
  text: string;
  detail?: string;
  action?: { text: string; run: () => void };
  /** It asks something and stays until it is answered or closed. */
  stays?: boolean;
}

interface Shown extends Toast {
  id: number;
}

const shown = signal<readonly Shown[]>([]);
const timers = new Map<number, number>();
let last = 0;
const STAYS_MS = 6_000;
const MOST = 4;

/** Shows a note; returns how to take it away. */
export function toast(note: Toast): () => void {
  const id = ++last;
  // The same news again takes the place of the old.
  const others = shown.value.filter((one) => one.text !== note.text || one.kind !== note.kind);
  shown.value = [...others, { ...note, id }].slice(-MOST);
  if (leaves(note)) leaveLater(id);
  return () => dismiss(id);
}

/** Tells a failure in the server's own words. */
export function toastFailure(text: string, fault: unknown): () => void {
  const detail = fault instanceof Problem && fault.status === 0 ? t("shell.unreachable") : (fault as Error).message;
  return toast({ kind: "error", text, detail });
}

function leaves(note: Toast): boolean {
  return note.kind !== "error" && !note.stays;
}

function leaveLater(id: number): void {
  timers.set(id, window.setTimeout(() => dismiss(id), STAYS_MS));
}

function stay(id: number): void {
  window.clearTimeout(timers.get(id));
}

function dismiss(id: number): void {
  stay(id);
  timers.delete(id);
  shown.value = shown.value.filter((one) => one.id !== id);
}

export function Toasts() {
  // Two live regions that always stand: what appears in them is read out, errors at once.
  const list = (kinds: readonly Toast["kind"][]) => shown.value.filter((one) => kinds.includes(one.kind));
  return (
    <div class="toasts">
      <div aria-live="polite" role="status">
        {list(["success", "info"]).map((one) => (
          <Note key={one.id} note={one} />
        ))}
      </div>
      <div aria-live="assertive" role="alert">
        {list(["error"]).map((one) => (
          <Note key={one.id} note={one} />
        ))}
      </div>
    </div>
  );
}

function Note({ note }: { note: Shown }) {
  const { id, kind, text, detail, action } = note;
  return (
    <div class={`toast toast-${kind}`} onMouseEnter={() => stay(id)} onMouseLeave={() => leaves(note) && leaveLater(id)}>
      <Icon name={kind === "success" ? "check" : kind === "error" ? "error" : "info"} />
      <div class="grow">
        <p class="toast-text">{text}</p>
        {detail && detail !== text && <p class="muted">{detail}</p>}
        {action && (
          <button
            type="button"
            class="button button-small toast-action"
            onClick={() => {
              dismiss(id);
              action.run();
            }}
          >
            {action.text}
          </button>
        )}
      </div>
      <button type="button" class="button button-quiet button-icon button-small" aria-label={t("shell.close")} onClick={() => dismiss(id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
