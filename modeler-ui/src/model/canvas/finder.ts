// From an id to what is drawn for it, and the drawing as a list.

import { type Drawn, is, type Moddle, processOf, text } from "./moddle";

interface Registry {
  get(id: string): Drawn | undefined;
  getAll(): Drawn[];
}

export interface OutlineEntry {
  element: Drawn;
  depth: number;
}

export class Finder {
  constructor(
    private readonly registry: Registry,
    private readonly root: () => Drawn,
  ) {}

  /** The element of that id; for a process its pool, for an event's definition the event. */
  element(id: string): Drawn | null {
    const found = this.registry.get(id);
    if (found) return found;
    const stands = ({ businessObject: object }: Drawn) =>
      processOf(object)?.id === id ||
      (is(object, "bpmn:Event") && (object.get<Moddle[]>("eventDefinitions") ?? []).some((one) => one.id === id));
    return this.registry.getAll().find((one) => !one.labelTarget && stands(one)) ?? null;
  }

  /** Every shape that fits. */
  all(fits: (element: Drawn) => boolean): Drawn[] {
    return this.registry.getAll().filter((one) => !one.labelTarget && fits(one));
  }

  taken(id: string, by: Moddle): boolean {
    return this.registry.getAll().some((one) => {
      const process = processOf(one.businessObject);
      return [one.businessObject, process].some((object) => object && object !== by && object.id === id);
    });
  }

  /** Everything drawn, in the order in which one reads it: along the flows, each container before its content. */
  outline(): OutlineEntry[] {
    const entries: OutlineEntry[] = [];
    const root = this.root();
    entries.push({ element: root, depth: 0 });
    this.collect(root, 1, entries);
    return entries;
  }

  private collect(container: Drawn, depth: number, into: OutlineEntry[]): void {
    const shapes = (container.children ?? []).filter((one) => !one.labelTarget && !one.waypoints);
    const lanes = shapes.filter((one) => is(one.businessObject, "bpmn:Lane"));
    const others = shapes.filter((one) => !lanes.includes(one));
    for (const lane of lanes.sort(byPlace)) into.push({ element: lane, depth });
    for (const shape of alongFlows(others)) {
      into.push({ element: shape, depth });
      const ways = shape.outgoing.filter((one) => is(one.businessObject, "bpmn:SequenceFlow"));
      this.collect(shape, depth + 1, into);
      if (ways.length > 1 || ways.some((one) => text(one.businessObject, "name") || one.businessObject["conditionExpression"])) {
        for (const way of ways.sort(byPlace)) into.push({ element: way, depth: depth + 1 });
      }
    }
  }
}

function byPlace(one: Drawn, other: Drawn): number {
  const place = (drawn: Drawn) => drawn.waypoints?.at(-1) ?? drawn;
  return place(one).y - place(other).y || place(one).x - place(other).x;
}

/** From the starts along the flows; what no flow reaches comes last. */
function alongFlows(shapes: Drawn[]): Drawn[] {
  const inside = new Set(shapes);
  const seen = new Set<Drawn>();
  const starts = shapes.filter((one) => one.incoming.length === 0).sort(byPlace);
  const queue = [...starts, ...[...shapes].sort((one, other) => one.x - other.x || one.y - other.y)];
  const order: Drawn[] = [];
  const walk = (from: Drawn) => {
    const ready: Drawn[] = [from];
    for (let next = ready.shift(); next; next = ready.shift()) {
      if (seen.has(next)) continue;
      seen.add(next);
      order.push(next);
      const targets = next.outgoing.flatMap((way) => (way.target && inside.has(way.target) ? [way.target] : []));
      ready.push(...targets.sort(byPlace));
    }
  };
  for (const shape of queue) if (!seen.has(shape)) walk(shape);
  return order;
}
