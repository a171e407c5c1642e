// Makes shapes of what is offered: under the pointer, behind or on another shape, or at a place of its own when there is
// no pointer.

import { signal } from "@preact/signals";
import { t } from "../../words";
import { offerName } from "./naming";
import { type Drawn, is, type Moddle } from "./moddle";
import { follows, type Offer, offer } from "./offers";
import type { Together } from "./together";

interface Factory {
  createShape(attributes: object): Drawn;
  createParticipantShape(attributes?: object): Drawn;
}
interface BpmnFactory {
  create(type: string, properties?: object): Moddle;
}
interface Create {
  start(event: Event, shapes: unknown, context?: object): void;
}
interface AutoPlace {
  append(source: Drawn, shape: Drawn): Drawn;
}
interface Modeling {
  createShape(shape: Drawn, at: Point, target: Drawn, hints?: object): Drawn;
}
interface Selection {
  get(): Drawn[];
  select(element: Drawn): void;
}
interface Canvas {
  getRootElement(): Drawn;
  viewbox(): { x: number; y: number; width: number; height: number };
  scrollToElement(element: Drawn, padding?: number): void;
}
interface Point {
  x: number;
  y: number;
}

/** Says where something was put by keyboard; read out by the editor's live region. */
export const announced = signal("");

/** Where the start event of a new sub-process stands in it. */
const INSIDE = { x: 40, y: 82 };
const EVENT = 36;

export class Making {
  static $inject = ["elementFactory", "bpmnFactory", "create", "autoPlace", "modeling", "selection", "canvas", "together"];

  constructor(
    private readonly factory: Factory,
    private readonly bpmnFactory: BpmnFactory,
    private readonly creating: Create,
    private readonly autoPlace: AutoPlace,
    private readonly modeling: Modeling,
    private readonly selection: Selection,
    private readonly canvas: Canvas,
    private readonly together: Together,
  ) {}

  /** The shape follows the pointer until it is put down. */
  drag(event: Event, what: Offer, source?: Drawn): void {
    const shape = this.shape(what);
    const start = this.startInside(what, shape);
    if (start) this.creating.start(event, [shape, start], { hints: { autoSelect: [shape] } });
    else this.creating.start(event, shape, source ? { source } : undefined);
  }

  /** Into the selected sub-process, behind another selected shape, or into the middle of the view. */
  place(what: Offer): void {
    const chosen = this.selection.get()[0];
    const into = chosen && is(chosen.businessObject, "bpmn:SubProcess") && !chosen.collapsed;
    if (chosen && !into && !is(chosen.businessObject, "bpmn:EndEvent") && follows(what, chosen.type)) this.append(chosen, what);
    else this.putDown(what);
  }

  append(source: Drawn, what: Offer): void {
    const shape = this.shape(what);
    const start = this.startInside(what, shape);
    // A shape alone needs no bracket around it; within one its name could not be typed at once.
    if (start) this.together.run(() => this.fill(start, this.autoPlace.append(source, shape)));
    else this.autoPlace.append(source, shape);
    announced.value = t("model.placed", { what: offerName(what) });
  }

  /** Onto the lower border of an activity, beside what is attached there already. */
  attach(host: Drawn, what: Offer): void {
    const taken = (host.attachers ?? []).filter((one) => Math.abs(one.y + one.height / 2 - (host.y + host.height)) < 2).length;
    const room = Math.max(1, Math.floor((host.width - EVENT / 2) / (EVENT + 14)));
    const x = host.x + host.width - EVENT / 2 - 6 - (taken % room) * (EVENT + 14);
    const shape = this.modeling.createShape(this.shape(what), { x, y: host.y + host.height }, host, { attach: true });
    this.selection.select(shape);
    announced.value = t("model.placed", { what: offerName(what) });
  }

  private putDown(what: Offer): void {
    const { x, y, width, height } = this.canvas.viewbox();
    const root = this.canvas.getRootElement();
    const chosen = this.selection.get()[0];
    const holder = chosen && is(chosen.businessObject, "bpmn:SubProcess") && !chosen.collapsed ? chosen : null;
    const pool = root.children.find((one) => is(one.businessObject, "bpmn:Participant"));
    const parent = what.group === "pool" ? root : (holder ?? pool ?? root);
    const middle = holder
      ? { x: holder.x + holder.width / 2, y: holder.y + holder.height / 2 }
      : { x: x + width / 2, y: y + height / 2 };
    const shape = this.shape(what);
    const start = this.startInside(what, shape);
    this.together.run(() => {
      const placed = this.modeling.createShape(shape, this.free(middle, parent), parent);
      if (start) this.fill(start, placed);
    });
    this.selection.select(shape);
    announced.value = t("model.placed", { what: offerName(what) });
  }

  /** The place itself, or below it where something stands there already. */
  private free(at: Point, parent: Drawn): Point {
    let { y } = at;
    const there = () =>
      parent.children.some(
        (one) => !one.waypoints && Math.abs(one.x + one.width / 2 - at.x) < 20 && Math.abs(one.y + one.height / 2 - y) < 20,
      );
    while (there()) y += 100;
    return { x: at.x, y };
  }

  private shape(what: Offer): Drawn {
    if (what.attributes.type === "bpmn:Participant") return this.factory.createParticipantShape();
    const interrupting = what.group === "start" ? { isInterrupting: true } : {};
    const shape = this.factory.createShape({ ...interrupting, ...what.attributes });
    if (what.several) {
      const definitions = what.several.map((type) => this.bpmnFactory.create(type));
      for (const one of definitions) one.$parent = shape.businessObject;
      shape.businessObject["eventDefinitions"] = definitions;
    }
    return shape;
  }

  /** A sub-process begins somewhere: its start event is drawn with it. */
  private startInside(what: Offer, around: Drawn): Drawn | null {
    if (!around.businessObject.$type.match(/:(SubProcess|Transaction)$/)) return null;
    const start = this.shape(offer(what.kind === "event_sub_process" ? "message_start_event" : "start_event"));
    return Object.assign(start, { ...INSIDE, parent: around });
  }

  private fill(start: Drawn, around: Drawn): void {
    start.parent = null;
    this.modeling.createShape(start, { x: around.x + INSIDE.x + EVENT / 2, y: around.y + INSIDE.y + EVENT / 2 }, around);
  }
}
