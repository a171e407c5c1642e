// A record that keeps itself fresh: loaded once, and again after every change the live stream tells of.

import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./http";
import { type LiveMessage, useLive } from "./live";

/** Changes come in bursts (one step writes several events); loads follow each other no faster than this. */
const BREATH_MS = 150;

export interface LiveRecord<T> {
  data: T | undefined;
  problem: Problem | null;
  /** True until the first answer, good or bad. */
  loading: boolean;
  /** Loads again; settles when the newest load has answered. */
  reload: () => Promise<void>;
  /** Shows a value before the server has confirmed it; the next load replaces it. */
  show: (value: T) => void;
}

interface Held<T> {
  key: string;
  data: T | undefined;
  problem: Problem | null;
  loading: boolean;
}

/**
 * Holds what `load` answers for `key` (null: nothing). A failed refresh keeps the data that was there.
 * `concerns` decides which messages of `topics` are worth a load; by default all are.
 */
export function useLiveRecord<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  topics: readonly string[],
  concerns: (message: LiveMessage) => boolean = () => true,
): LiveRecord<T> {
  const [held, setHeld] = useState<Held<T>>(() => empty(key));
  const latest = useRef({ key, load });
  latest.current = { key, load };
  const loader = useRef<Loader | null>(null);

  useEffect(() => {
    setHeld((now) => (now.key === (key ?? "") ? now : empty<T>(key)));
    if (key === null) return undefined;
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      try {
        const data = await latest.current.load(abort.signal);
        if (!abort.signal.aborted) setHeld({ key, data, problem: null, loading: false });
      } catch (fault) {
        if (abort.signal.aborted) return;
        if (!(fault instanceof Problem)) throw fault;
        setHeld((now) => ({ key, data: now.key === key ? now.data : undefined, problem: fault, loading: false }));
      }
    };
    const mine = new Loader(run);
    loader.current = mine;
    void mine.request();
    return () => {
      abort.abort();
      mine.stop();
    };
  }, [key]);

  useLive(key === null ? [] : topics, (message) => {
    if (message.kind === "resync" || concerns(message)) void loader.current?.request();
  });

  const current = held.key === (key ?? "") ? held : empty<T>(key);
  return {
    data: current.data,
    problem: current.problem,
    loading: current.loading,
    reload: () => loader.current?.request() ?? Promise.resolve(),
    show: (data) => setHeld((now) => ({ ...now, data, loading: false })),
  };
}

function empty<T>(key: string | null): Held<T> {
  return { key: key ?? "", data: undefined, problem: null, loading: key !== null };
}

/** One load at a time; requests during a load are answered by one more load after it. */
class Loader {
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly run: () => Promise<void>) {}

  request(): Promise<void> {
    if (!this.running) {
      this.running = this.run().finally(() => {
        this.running = null;
      });
      return this.running;
    }
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => new Promise<void>((resolve) => window.setTimeout(resolve, BREATH_MS)))
      .then(() => {
        this.next = null;
        return this.stopped ? undefined : this.request();
      });
    return this.next;
  }

  stop(): void {
    this.stopped = true;
  }
}
