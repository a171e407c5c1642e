import { describe, expect, it } from "vitest";
import type { UserTask } from "../records";
import { arrange, neighbour, type Row, stepped } from "./rows";

const task = (id: string, more: Partial<UserTask> = {}): UserTask => ({ id, name: id, state: "open", ...more }) as UserTask;
const rows = (...ids: string[]): Row[] => ids.map((id) => ({ task: task(id), fresh: false }));
const names = (some: Row[]): string => some.map(({ task: { id }, fresh }) => (fresh ? `${id}*` : id)).join(" ");

describe("the order of the rows", () => {
  it("is the server's while no task is in hand", () => {
    expect(names(arrange(rows("a", "b"), [task("c"), task("a")], null))).toBe("c a");
  });

  it("does not change under a task in hand: what is new comes last", () => {
    expect(names(arrange(rows("a", "b"), [task("c"), task("a"), task("b")], task("a")))).toBe("a b c*");
  });

  it("keeps a task in hand that left the list, with what is known of it", () => {
    const claimed = task("a", { assignee: "ben" });

    const found = arrange(rows("a", "b"), [task("b")], claimed);

    expect(names(found)).toBe("a b");
    expect(found[0]?.task.assignee).toBe("ben");
  });

  it("lets a task in hand go once it is done", () => {
    expect(names(arrange(rows("a", "b"), [task("b")], task("a", { state: "completed" })))).toBe("b");
  });

  it("no longer calls a row new once it was opened", () => {
    const shown = arrange(rows("a"), [task("c"), task("a")], task("a"));

    expect(names(arrange(shown, [task("c"), task("a")], task("c")))).toBe("a c");
  });
});

describe("walking over the rows", () => {
  it("goes to the next row after a task is done, else to the one before, else nowhere", () => {
    expect(neighbour(rows("a", "b", "c"), "b")).toBe("c");
    expect(neighbour(rows("a", "b"), "b")).toBe("a");
    expect(neighbour(rows("a"), "a")).toBe(null);
  });

  it("stops at both ends and begins at the near one", () => {
    expect(stepped(rows("a", "b"), "b", 1)).toBe("b");
    expect(stepped(rows("a", "b"), "a", -1)).toBe("a");
    expect(stepped(rows("a", "b"), null, 1)).toBe("a");
    expect(stepped(rows("a", "b"), null, -1)).toBe("b");
    expect(stepped([], null, 1)).toBe(null);
  });
});
