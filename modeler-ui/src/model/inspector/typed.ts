// Text that is being typed reaches the drawing a moment after the last key, when the field is left, and at the latest
// before the diagram is saved: one step of the undo history for what was typed in one go.

import { useEffect, useRef, useState } from "preact/hooks";

const PAUSE_MS = 400;
const pending = new Set<() => void>();

export function flushTyping(): void {
  for (const write of [...pending]) write();
}

export interface Typed {
  value: string;
  onInput: (event: { currentTarget: { value: string } }) => void;
  onBlur: () => void;
}

export function useTyped(value: string, commit: (value: string) => void): Typed {
  const [shown, setShown] = useState(value);
  const typed = useRef<string | null>(null);
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(commit);
  if (typed.current === null) latest.current = commit; // what was typed belongs to the element it was typed for

  const write = useRef(() => {
    window.clearTimeout(timer.current);
    pending.delete(write.current);
    const text = typed.current;
    typed.current = null;
    if (text !== null) latest.current(text);
  });
  useEffect(() => {
    if (typed.current === null) setShown(value);
  }, [value]);
  useEffect(() => () => write.current(), []);

  return {
    value: typed.current ?? shown,
    onInput: ({ currentTarget }) => {
      typed.current = currentTarget.value;
      setShown(currentTarget.value);
      pending.add(write.current);
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(write.current, PAUSE_MS);
    },
    onBlur: () => write.current(),
  };
}
