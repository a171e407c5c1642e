import { describe, expect, it } from "vitest";
import { parseRoute } from "./routes";

describe("an address", () => {
  it.each([
    ["/", { place: "model", page: "list" }],
    ["/model", { place: "model", page: "list" }],
    ["/model/", { place: "model", page: "list" }],
    ["/model/new", { place: "model", page: "new" }],
    ["/model/0192", { place: "model", page: "draft", id: "0192" }],
    ["/model/definition/0192", { place: "model", page: "definition", id: "0192" }],
    ["/inbox", { place: "inbox", id: null }],
    ["/inbox/0192.7", { place: "inbox", id: "0192.7" }],
    ["/operate/a%2Fb", { place: "operate", id: "a/b" }],
  ])("%s leads to its place", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it.each(["/nowhere", "/model/a/b", "/inbox/a/b", "/model/definition/a/b"])("%s leads nowhere", (path) => {
    expect(parseRoute(path)).toEqual({ place: "unknown" });
  });

  it("with a broken escape is taken as it stands", () => {
    expect(parseRoute("/operate/%E0%A4")).toEqual({ place: "operate", id: "%E0%A4" });
  });
});
