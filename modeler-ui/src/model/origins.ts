// Where the diagram on the canvas comes from.

import { signal } from "@preact/signals";
import { get } from "../http";
import type { Draft, ProcessDefinition } from "../records";
import type { Route } from "../shell/router";
import { t } from "../words";
import { blank } from "./templates";

export type Origin =
  | { kind: "new"; name: string; xml: string; file: string | null }
  | { kind: "draft"; name: string; xml: string; draft: Draft }
  | { kind: "definition"; name: string; xml: string; definition: ProcessDefinition };

interface Handed {
  name: string;
  xml: string;
  file: string | null;
}

/** A file or template on its way to a new canvas. `turn` tells two of them apart. */
const handed = signal<{ turn: number; diagram: Handed | null }>({ turn: 0, diagram: null });

export function handOver(diagram: Handed | null): void {
  handed.value = { turn: handed.value.turn + 1, diagram };
}

/** What the address asks for; a second "new" is another diagram. */
export function originKey(route: Extract<Route, { place: "model" }>): string {
  if (route.page === "list") return "list";
  return route.page === "new" ? `new:${handed.value.turn}` : `${route.page}:${route.id}`;
}

export async function fetchOrigin(route: Extract<Route, { place: "model" }>): Promise<Origin> {
  if (route.page === "draft") {
    const draft = await get<Draft>(`/drafts/${encodeURIComponent(route.id)}`);
    return { kind: "draft", name: draft.name, xml: draft.xml ?? "", draft };
  }
  if (route.page === "definition") {
    const path = `/process-definitions/${encodeURIComponent(route.id)}`;
    const [definition, xml] = await Promise.all([get<ProcessDefinition>(path), get<string>(`${path}/xml`)]);
    return { kind: "definition", name: definition.name || definition.key, xml, definition };
  }
  const name = t("model.untitled");
  return { kind: "new", ...(handed.value.diagram ?? { name, xml: blank(name), file: null }) };
}
