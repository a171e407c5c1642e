import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { kindOf, runs, typedEvent } from "../../elements";
import { kindsEn } from "../../words/kinds.en";
import { attaches, follows, offer, offerOf, offers } from "./offers";

const font = readFileSync(new URL("../../../node_modules/bpmn-js/dist/assets/bpmn-font/css/bpmn.css", import.meta.url), "utf8");
const names = (found: readonly { kind: string }[]) => found.map((one) => one.kind);

describe("what can be drawn", () => {
  it.each([...runs.keys()])("offers %s, which the engine runs", (kind) => {
    expect(names(offers)).toContain(kind);
  });

  it.each([...offers])("has words for $kind, and a sign that is in the font", ({ kind, icon }) => {
    expect(typedEvent(kind) !== null || `kind.${kind}` in kindsEn).toBe(true);
    expect(font).toContain(`.bpmn-icon-${icon}:before`);
  });

  it("does not know how to draw what the engine does not run", () => {
    expect(offerOf("data_store_reference", "dataStoreReference")).toBeNull();
    expect(() => offer("data_store_reference")).toThrow();
  });

  it("lets only what can be waited for follow an event-based gateway", () => {
    expect(names(offers.filter((one) => follows(one, "bpmn:EventBasedGateway"))).sort()).toEqual([
      "conditional_intermediate_catch_event",
      "message_intermediate_catch_event",
      "receive_task",
      "signal_intermediate_catch_event",
      "timer_intermediate_catch_event",
    ]);
  });

  it("lets nothing lead to what begins by itself", () => {
    const after = names(offers.filter((one) => follows(one, "bpmn:UserTask")));
    expect(after.filter((kind) => kind.includes("start_event") || kind === "event_sub_process")).toEqual([]);
    expect(after).toContain("timer_intermediate_catch_event");
  });

  it("attaches a cancel event to a transaction only", () => {
    const cancel = offer("cancel_boundary_event");
    expect(attaches(cancel, "bpmn:Transaction")).toBe(true);
    expect(attaches(cancel, "bpmn:SubProcess")).toBe(false);
  });
});

describe("the kind of an element", () => {
  it.each([
    ["startEvent", [], false, "start_event"],
    ["boundaryEvent", ["timerEventDefinition"], false, "timer_boundary_event"],
    ["endEvent", ["compensateEventDefinition"], false, "compensation_end_event"],
    ["startEvent", ["messageEventDefinition", "timerEventDefinition"], false, "multiple_start_event"],
    ["subProcess", [], true, "event_sub_process"],
    ["adHocSubProcess", [], false, "ad_hoc_sub_process"],
  ])("of %s with %j is named as the engine names it", (tag, definitions, byEvent, kind) => {
    expect(kindOf(tag, definitions, byEvent)).toBe(kind);
    expect(runs.has(kind)).toBe(true);
  });
});
