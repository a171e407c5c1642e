import { describe, expect, it } from "vitest";
import { readTime } from "./timer";

describe("a time", () => {
  it.each([
    ["PT15M", [["minute", 15]]],
    ["P3D", [["day", 3]]],
    ["P1Y2M3W4DT5H6M7.5S", [["year", 1], ["month", 2], ["week", 3], ["day", 4], ["hour", 5], ["minute", 6], ["second", 7.5]]],
    ["PT0S", [["second", 0]]],
  ])("%s is a duration", (text, parts) => {
    const span = parts.map(([unit, count]) => ({ unit, count }));
    expect(readTime("duration", text)).toEqual({ means: "duration", span });
  });

  it.each(["P", "PT", "3D", "P3", "PT3D", "15M"])("%s is no duration", (text) => {
    expect(readTime("duration", text)).toEqual({ means: "fault" });
  });

  it.each(["2026-12-24", "2026-12-24T18:00", "2026-12-24T18:00:00Z", "2026-12-24 18:00:00+01:00"])("%s is a date", (text) => {
    expect(readTime("date", text).means).toBe("date");
  });

  it.each(["2026-13-01", "2026-02-30", "24.12.2026", "18:00"])("%s is no date", (text) => {
    expect(readTime("date", text)).toEqual({ means: "fault" });
  });

  it("knows whether a date says where on earth", () => {
    expect(readTime("date", "2026-12-24T18:00:00Z")).toMatchObject({ local: false });
    expect(readTime("date", "2026-12-24T18:00:00")).toMatchObject({ local: true });
  });

  it("repeats for ever, or some times, from now or from a date", () => {
    expect(readTime("cycle", "R/PT10M")).toEqual({ means: "cycle", span: [{ unit: "minute", count: 10 }], times: null, from: null });
    expect(readTime("cycle", "R3/PT10M")).toMatchObject({ times: 3 });
    expect(readTime("cycle", "R3/2026-12-24T00:00:00Z/P1D")).toMatchObject({ from: new Date("2026-12-24T00:00:00Z") });
  });

  it.each(["R0/PT10M", "R/PT0S", "R/", "R3/P1D/P1D/P1D", "PT10M"])("%s is no cycle", (text) => {
    expect(readTime("cycle", text)).toEqual({ means: "fault" });
  });

  it("can be a cron line", () => {
    expect(readTime("cycle", "0 9 * * MON-FRI")).toEqual({ means: "cron" });
    expect(readTime("cycle", "* * *")).toEqual({ means: "fault" });
  });

  it("can be computed when it is needed", () => {
    expect(readTime("duration", "remind_after")).toEqual({ means: "computed" });
    expect(readTime("date", "{{due}}")).toEqual({ means: "computed" });
    expect(readTime("date", " ")).toEqual({ means: "empty" });
  });
});
