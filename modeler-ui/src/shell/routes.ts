// What the addresses of the app mean.

export type Route =
  | { place: "model"; page: "list" }
  | { place: "model"; page: "new" }
  | { place: "model"; page: "draft"; id: string }
  | { place: "model"; page: "definition"; id: string }
  | { place: "inbox"; id: string | null }
  | { place: "operate"; id: string | null }
  | { place: "unknown" };

export type Place = Exclude<Route["place"], "unknown">;

export function parseRoute(path: string): Route {
  const [place, first, second, ...rest] = path.split("/").filter(Boolean).map(decoded);
  if (rest.length > 0) return { place: "unknown" };
  if (place === undefined) return { place: "model", page: "list" };
  if (place === "model") {
    if (first === undefined) return { place, page: "list" };
    if (first === "definition" && second !== undefined) return { place, page: "definition", id: second };
    if (second !== undefined) return { place: "unknown" };
    return first === "new" ? { place, page: "new" } : { place, page: "draft", id: first };
  }
  if ((place === "inbox" || place === "operate") && second === undefined) return { place, id: first ?? null };
  return { place: "unknown" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
