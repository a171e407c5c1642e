// One WebSocket for the whole app. Messages say that something changed; whoever subscribed fetches it again.
//
// Nothing is missed: every subscription carries the last cursor we saw, a reconnect resumes from it and lets each
// subscriber fetch anew once. While the socket is down the subscribers are told so every few seconds, which makes plain
// polling the fallback.

import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { signedOut } from "./http";
import type { Change } from "./records";

/** `resync`: anything may have changed. */
export type LiveMessage = Change | { kind: "resync" };
export type Listener = (message: LiveMessage) => void;

/** True while changes arrive by themselves. */
export const connected = signal(false);

const SILENCE_LIMIT_MS = 50_000; // the server's heartbeat comes every 20 s
const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 10_000;
const POLL_MS = 5_000;

const listeners = new Map<string, Set<Listener>>();
let socket: WebSocket | null = null;
let cursor: string | null = null;
let failures = 0;
let lastHeard = 0;
let reconnectTimer: number | undefined;

interface ServerMessage extends Partial<Change> {
  hello?: { cursor: string };
  heartbeat?: string;
  resync?: boolean;
  pong?: unknown;
  error?: unknown;
}

/** Calls `listener` for each change of `topic` until the returned function is called. */
export function subscribe(topic: string, listener: Listener): () => void {
  const known = listeners.get(topic);
  if (known) {
    known.add(listener);
  } else {
    listeners.set(topic, new Set([listener]));
    if (connected.value) send({ subscribe: [topic], ...(cursor ? { cursor } : {}) });
  }
  if (!socket && !signedOut.value) connect();
  return () => {
    const left = listeners.get(topic);
    if (!left?.delete(listener) || left.size > 0) return;
    listeners.delete(topic);
    if (connected.value) send({ unsubscribe: [topic] });
  };
}

/** The hook: while mounted, `listener` hears each change of `topics`. */
export function useLive(topics: readonly string[], listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  const names = topics.join(" ");
  useEffect(() => {
    const stops = names.split(" ").filter(Boolean).map((topic) => subscribe(topic, (heard) => latest.current(heard)));
    return () => stops.forEach((stop) => stop());
  }, [names]);
}

function send(message: object): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function tellAll(message: LiveMessage): void {
  for (const listener of new Set([...listeners.values()].flatMap((some) => [...some]))) listener(message);
}

function connect(): void {
  window.clearTimeout(reconnectTimer);
  reconnectTimer = undefined;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(`${scheme}//${location.host}/ws`);
  socket = opened;
  lastHeard = Date.now();
  opened.onmessage = (event) => {
    if (socket === opened) hear(JSON.parse(String(event.data)) as ServerMessage);
  };
  opened.onclose = () => {
    if (socket === opened) lost();
  };
}

function hear(message: ServerMessage): void {
  lastHeard = Date.now();
  if (message.hello) {
    failures = 0;
    connected.value = true;
    cursor ??= message.hello.cursor;
    if (listeners.size > 0) send({ subscribe: [...listeners.keys()], cursor });
    // The first time there was no cursor to resume from; later, what was fetched while the server was away has failed.
    tellAll({ kind: "resync" });
  } else if (message.resync) {
    cursor = null;
    tellAll({ kind: "resync" });
  } else if (message.heartbeat) {
    cursor = message.heartbeat;
  } else if (message.topic && message.kind) {
    if (message.cursor) cursor = message.cursor;
    for (const listener of [...(listeners.get(message.topic) ?? [])]) listener(message as Change);
  }
}

function lost(): void {
  socket = null;
  connected.value = false;
  if (signedOut.value || listeners.size === 0) return;
  // Growing, scattered delays: a restarted server is not met by all browsers in the same instant.
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures) * (0.75 + Math.random() / 2);
  failures += 1;
  reconnectTimer = window.setTimeout(connect, delay);
}

function drop(): void {
  const closing = socket;
  lost();
  closing?.close();
}

window.setInterval(() => {
  if (connected.value && Date.now() - lastHeard > SILENCE_LIMIT_MS) drop();
}, 5_000);

window.setInterval(() => {
  if (!connected.value && !signedOut.value && document.visibilityState === "visible") tellAll({ kind: "resync" });
}, POLL_MS);

function retryNow(): void {
  if (reconnectTimer !== undefined && !signedOut.value) connect();
}
window.addEventListener("online", retryNow);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") retryNow();
});

effect(() => {
  if (signedOut.value) {
    cursor = null;
    window.clearTimeout(reconnectTimer);
    reconnectTimer = undefined;
    socket?.close();
  } else if (!socket && listeners.size > 0) {
    connect();
  }
});
