import { afterEach, describe, expect, it, vi } from "vitest";
import type { ActivityInstance } from "../records";
import { depths, HistoryReader, nested, spans } from "./history";

const activity = (id: number, more: Partial<ActivityInstance> = {}): ActivityInstance => ({
  id,
  element_id: `e${id}`,
  element_name: null,
  kind: "task",
  parent: null,
  flow_id: null,
  state: "completed",
  started_at: "2026-01-01T00:00:00Z",
  ended_at: "2026-01-01T00:00:01Z",
  detail: null,
  ...more,
});

afterEach(() => vi.unstubAllGlobals());

describe("reading a history", () => {
  it("does not fetch again what can no longer change", async () => {
    const asked: (string | null)[] = [];
    const pages: Record<string, object> = {
      first: { items: [activity(1)], joins: [], next_cursor: "second" },
      second: { items: [activity(2, { state: "active", ended_at: null })], joins: [], next_cursor: "third" },
      third: { items: [activity(3)], joins: [], next_cursor: null },
    };
    vi.stubGlobal("fetch", async (address: string) => {
      const cursor = new URL(address, "http://here").searchParams.get("cursor");
      asked.push(cursor);
      return new Response(JSON.stringify(pages[cursor ?? "first"]), { headers: { "Content-Type": "application/json" } });
    });
    const reader = new HistoryReader("i");
    const signal = new AbortController().signal;

    expect((await reader.read(signal)).items.map((one) => one.id)).toEqual([1, 2, 3]);
    expect((await reader.read(signal)).items.map((one) => one.id)).toEqual([1, 2, 3]);

    expect(asked).toEqual([null, "second", "third", "second", "third"]);
  });
});

describe("showing a history", () => {
  it("indents what happened inside a sub-process", () => {
    const found = depths([activity(1), activity(2, { parent: 1 }), activity(3, { parent: 2 }), activity(4)]);

    expect([...found.values()]).toEqual([0, 1, 2, 0]);
  });

  it("places each span between the first start and now", () => {
    const begin = Date.parse("2026-01-01T00:00:00Z");
    const found = spans(
      [activity(1), activity(2, { started_at: "2026-01-01T00:00:01Z", ended_at: null, state: "active" })],
      begin + 4_000,
    );

    expect(found.get(1)).toEqual({ left: 0, width: 25 });
    expect(found.get(2)).toEqual({ left: 25, width: 75 });
  });
});

describe("a history in reading order", () => {
  it("has what happened inside an activity below it", () => {
    const items = [activity(1), activity(2), activity(3), activity(4, { parent: 2 }), activity(5, { parent: 4 }), activity(6, { parent: 2 })];

    expect(nested(items).map((one) => one.id)).toEqual([1, 2, 4, 5, 6, 3]);
  });

  it("keeps what lies in something that is not shown", () => {
    expect(nested([activity(8, { parent: 3 }), activity(9)]).map((one) => one.id)).toEqual([8, 9]);
  });
});
