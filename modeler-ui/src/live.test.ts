import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** The server's end of the line. */
class Line {
  static all: Line[] = [];
  static readonly OPEN = 1;
  readyState = Line.OPEN;
  sent: { subscribe?: string[]; unsubscribe?: string[]; cursor?: string }[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly address: string) {
    Line.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Line["sent"][number]);
  }
  close(): void {
    this.onclose?.();
  }
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const last = (): Line => Line.all[Line.all.length - 1]!;
const change = (topic: string, cursor: string) => ({ topic, kind: "user_task.created", id: "t", cursor });

let live: typeof import("./live");
let http: typeof import("./http");

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  Line.all = [];
  const page = { addEventListener: () => undefined, visibilityState: "visible" };
  vi.stubGlobal("window", { ...page, setInterval, setTimeout, clearTimeout });
  vi.stubGlobal("document", page);
  vi.stubGlobal("location", { protocol: "http:", host: "here" });
  vi.stubGlobal("WebSocket", Line);
  http = await import("./http");
  live = await import("./live");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the live stream", () => {
  it("opens with the first subscriber and hands each change to those of its topic", () => {
    const tasks = vi.fn();
    const drafts = vi.fn();
    live.subscribe("tasks", tasks);
    live.subscribe("drafts", drafts);
    last().says({ hello: { cursor: "5" } });
    tasks.mockClear();
    drafts.mockClear();

    last().says(change("tasks", "6"));

    expect(Line.all.length).toBe(1);
    expect(last().sent).toEqual([{ subscribe: ["tasks", "drafts"], cursor: "5" }]);
    expect(tasks).toHaveBeenCalledOnce();
    expect(drafts).not.toHaveBeenCalled();
  });

  it("tells to fetch anew what may have changed before it was connected", () => {
    const heard = vi.fn();
    live.subscribe("tasks", heard);

    last().says({ hello: { cursor: "5" } });

    expect(heard).toHaveBeenCalledWith({ kind: "resync" });
  });

  it("resumes after a break from the last it heard of, and lets what failed meanwhile be fetched again", () => {
    const heard = vi.fn();
    live.subscribe("tasks", heard);
    last().says({ hello: { cursor: "5" } });
    last().says(change("tasks", "6"));
    last().says({ heartbeat: "8" });

    last().close();
    expect(live.connected.value).toBe(false);
    vi.advanceTimersByTime(2_000);
    heard.mockClear();
    last().says({ hello: { cursor: "20" } });

    expect(heard).toHaveBeenCalledWith({ kind: "resync" });
    expect(Line.all.length).toBe(2);
    expect(last().sent).toEqual([{ subscribe: ["tasks"], cursor: "8" }]);
    expect(live.connected.value).toBe(true);
  });

  it("subscribes a later topic from the cursor it knows, so that nothing falls between", () => {
    live.subscribe("tasks", vi.fn());
    last().says({ hello: { cursor: "5" } });
    last().says(change("tasks", "6"));

    const stop = live.subscribe("instance:1", vi.fn());
    stop();

    expect(last().sent.slice(1)).toEqual([{ subscribe: ["instance:1"], cursor: "6" }, { unsubscribe: ["instance:1"] }]);
  });

  it("lets everybody fetch anew where the server cannot resume", () => {
    const heard = vi.fn();
    live.subscribe("tasks", heard);
    last().says({ hello: { cursor: "5" } });
    heard.mockClear();

    last().says({ resync: true });

    expect(heard).toHaveBeenCalledWith({ kind: "resync" });
  });

  it("polls while there is no connection", () => {
    const heard = vi.fn();
    live.subscribe("tasks", heard);

    vi.advanceTimersByTime(10_500);

    expect(heard.mock.calls.length).toBe(2);
  });

  it("takes a line that fell silent for dead", () => {
    live.subscribe("tasks", vi.fn());
    last().says({ hello: { cursor: "5" } });

    vi.advanceTimersByTime(60_000);

    expect(Line.all.length).toBeGreaterThan(1);
  });

  it("waits longer after each failure, and not for ever", () => {
    live.subscribe("tasks", vi.fn());
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const before = Date.now();
      const lines = Line.all.length;
      last().close();
      while (Line.all.length === lines) vi.advanceTimersByTime(50);
      waits.push(Date.now() - before);
    }

    expect(waits[0]).toBeLessThan(600);
    expect(Math.max(...waits)).toBeGreaterThan(5_000);
    expect(Math.max(...waits)).toBeLessThan(13_000);
  });

  it("ends with the session and begins again with the next", () => {
    live.subscribe("tasks", vi.fn());
    last().says({ hello: { cursor: "5" } });

    http.signedOut.value = true;
    vi.advanceTimersByTime(30_000);
    expect(Line.all.length).toBe(1);
    http.signedOut.value = false;

    expect(Line.all.length).toBe(2);
    last().says({ hello: { cursor: "9" } });
    expect(last().sent[0]?.cursor).toBe("9");
  });
});
