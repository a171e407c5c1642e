import { describe, expect, it } from "vitest";
import type { ActivityInstance } from "../records";
import { foldedAway, repetitions } from "./repetition";

const row = (id: number, element_id: string, parent: number | null, state: ActivityInstance["state"] = "completed") =>
  ({ id, element_id, parent, state }) as ActivityInstance;

const reviews = [
  row(1, "start", null),
  row(2, "review", null, "active"),
  row(3, "review", 2),
  row(4, "review", 2, "active"),
  row(5, "review", 2, "failed"),
];

describe("an activity that runs several times", () => {
  it("is counted by its runs", () => {
    const found = repetitions(reviews);
    expect([...found.keys()]).toEqual([2]);
    expect(found.get(2)).toMatchObject({ done: 1, running: 2 });
    expect(found.get(2)?.runs.map((one) => one.id)).toEqual([3, 4, 5]);
  });

  it("is told from what merely lies in a sub-process", () => {
    expect(repetitions([row(1, "sub", null), row(2, "task", 1)]).size).toBe(0);
  });

  it("can itself hold activities that do", () => {
    const items = [row(1, "sub", null), row(2, "sub", 1), row(3, "task", 2), row(4, "task", 3)];
    expect([...repetitions(items).keys()]).toEqual([1, 3]);
  });

  it("is folded with all that lies in it", () => {
    const items = [row(1, "sub", null), row(2, "sub", 1), row(3, "task", 2), row(4, "end", null)];
    expect([...foldedAway(items, new Set([1]))]).toEqual([2, 3]);
    expect(foldedAway(items, new Set()).size).toBe(0);
  });
});
