import { describe, expect, it } from "vitest";
import type { ActivityInstance, Incident, Join, Waiting } from "../records";
import { instanceMarks, type MarkWords } from "./marks";

const at = (element_id: string, state: ActivityInstance["state"], more: Partial<ActivityInstance> = {}): ActivityInstance =>
  ({ element_id, state, kind: "user_task", flow_id: null, ...more }) as ActivityInstance;

const words: MarkWords = {
  waits: (names) => names.join("+"),
  due: (time) => `due ${time}`,
  repeated: (done, begun) => `${done} of ${begun}`,
};

describe("the marks of an instance", () => {
  it("count what is there now, and remember what was", () => {
    const marks = instanceMarks({ items: [at("a", "completed", { flow_id: "f" }), at("a", "active"), at("a", "active")], joins: [] }, [], words);

    expect(marks.tokens.get("a")).toBe(2);
    expect([...marks.done]).toEqual(["a"]);
    expect([...marks.flows]).toEqual(["f"]);
  });

  it("frame a sub-process that is at work without counting it", () => {
    const marks = instanceMarks({ items: [at("s", "active", { kind: "sub_process" })], joins: [] }, [], words);

    expect([...marks.inside]).toEqual(["s"]);
    expect(marks.tokens.size).toBe(0);
  });

  it("show on the sub-process that something in it went wrong", () => {
    const items = [
      at("outer", "active", { id: 1, kind: "sub_process", parent: null }),
      at("inner", "active", { id: 2, kind: "sub_process", parent: 1 }),
      at("task", "failed", { id: 3, parent: 2 }),
    ];

    expect([...instanceMarks({ items, joins: [] }, [], words).troubled].sort()).toEqual(["inner", "outer"]);
  });

  it("say what is wrong where an incident is open", () => {
    const incident = (state: Incident["state"], element_id: string) => ({ state, element_id, message: "no" }) as Incident;

    const marks = instanceMarks({ items: [], joins: [] }, [incident("open", "a"), incident("resolved", "b")], words);

    expect([...marks.failed]).toEqual([["a", "no"]]);
  });

  it("name the inputs that a join misses", () => {
    const join: Join = {
      element_id: "j",
      element_name: null,
      scope_id: 1,
      flows: [
        { flow_id: "f1", source_id: "a", source_name: "Ask", arrived: 2 },
        { flow_id: "f2", source_id: "b", source_name: "Budget", arrived: 0 },
        { flow_id: "f3", source_id: "c", source_name: null, arrived: 0 },
      ],
    };

    const marks = instanceMarks({ items: [], joins: [join] }, [], words);

    expect(marks.waits.get("j")).toBe("Budget+c");
    expect([...marks.flows]).toEqual(["f1"]);
  });

  it("count the runs of an activity that runs several times, not the activity around them", () => {
    const items = [
      at("review", "active", { id: 1, parent: null }),
      at("review", "completed", { id: 2, parent: 1 }),
      at("review", "active", { id: 3, parent: 1 }),
      at("review", "active", { id: 4, parent: 1 }),
    ];

    const marks = instanceMarks({ items, joins: [] }, [], words);

    expect(marks.tokens.get("review")).toBe(2);
    expect(marks.repeated.get("review")).toBe("1 of 3");
  });

  it("frame a repeated sub-process without counting any of it", () => {
    const items = [
      at("each", "active", { id: 1, parent: null, kind: "sub_process" }),
      at("each", "active", { id: 2, parent: 1, kind: "sub_process" }),
    ];

    const marks = instanceMarks({ items, joins: [] }, [], words);

    expect([...marks.inside]).toEqual(["each"]);
    expect(marks.tokens.size).toBe(0);
  });

  it("say when the next timer of an element is due", () => {
    const timer = (element_id: string, due_at: string | null, kind = "timer") => ({ element_id, due_at, kind }) as Waiting;

    const marks = instanceMarks({ items: [], joins: [] }, [], words, [
      timer("late", "2027-02-01"),
      timer("late", "2027-01-01"),
      timer("job", "2027-01-01", "job"),
    ]);

    expect([...marks.due]).toEqual([["late", "due 2027-01-01"]]);
  });
});
