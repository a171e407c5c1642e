// The menus of everything that can be drawn: "create" for anywhere, "append" for what comes next or is attached. Both
// can be searched, and are worked by keyboard alone.

import { harmless } from "../../elements";
import { t } from "../../words";
import { kindDoes } from "../../words/kinds";
import { type Making } from "./making";
import { type Drawn, is } from "./moddle";
import { offerName } from "./naming";
import { attaches, follows, type Offer, offers } from "./offers";

interface PopupMenu {
  registerProvider(id: string, provider: object): void;
  open(target: Drawn, id: string, position: object, options: object): void;
}
interface Canvas {
  getRootElement(): Drawn;
  getContainer(): HTMLElement;
  getAbsoluteBBox(element: Drawn): { x: number; y: number; width: number; height: number };
}
interface Entry {
  label: string;
  description?: string;
  className: string;
  group: { id: string; name: string };
  action: (event: Event, entry: unknown, action?: string) => void;
}

/** Drawn without moving a token; as far as the engine's table knows them. Pools are always known. */
const drawnOnly: readonly Offer[] = ([
  { kind: "data_object", group: "data", icon: "data-object", attributes: { type: "bpmn:DataObjectReference" } },
  { kind: "data_store", group: "data", icon: "data-store", attributes: { type: "bpmn:DataStoreReference" } },
  { kind: "text_annotation", group: "data", icon: "text-annotation", attributes: { type: "bpmn:TextAnnotation" } },
  { kind: "group", group: "data", icon: "group", attributes: { type: "bpmn:Group" } },
  { kind: "participant", group: "pool", icon: "participant", attributes: { type: "bpmn:Participant" } },
] satisfies Offer[]).filter(({ attributes }) => attributes.type === "bpmn:Participant" || harmless.has(attributes.type.charAt(5).toLowerCase() + attributes.type.slice(6)));
const annotation = drawnOnly.find((one) => one.kind === "text_annotation")!;
export { annotation };

const CREATE = "signalbox-create";
const APPEND = "signalbox-append";
const WIDTH = 400;
const LIST = 420;
const HEAD = 110;
const MARGIN = 8;

export class Menus {
  static $inject = ["popupMenu", "making", "canvas"];

  constructor(
    private readonly popup: PopupMenu,
    private readonly making: Making,
    private readonly canvas: Canvas,
  ) {
    popup.registerProvider(CREATE, {
      getPopupMenuEntries: () =>
        this.entries([...offers.filter((one) => one.group !== "boundary"), ...drawnOnly], (what, event) => {
          if (event instanceof MouseEvent && (event.detail > 0 || event.type === "dragstart")) this.making.drag(event, what);
          else this.making.place(what);
        }),
    });
    popup.registerProvider(APPEND, {
      getPopupMenuEntries: (source: Drawn) =>
        this.entries(this.fitting(source), (what, event) => {
          if (what.group === "boundary") this.making.attach(source, what);
          else if (event.type === "dragstart") this.making.drag(event, what, source);
          else this.making.append(source, what);
        }),
    });
  }

  create(): void {
    const container = this.canvas.getContainer();
    const beside = container.querySelector(".djs-palette")?.getBoundingClientRect() ?? container.getBoundingClientRect();
    this.open(this.canvas.getRootElement(), CREATE, t("model.menu.create"), { x: beside.right + 8, y: beside.top });
  }

  /** What can come after the shape, and what can be attached to it. Nothing opens where nothing can. */
  append(source: Drawn): void {
    if (!this.appends(source)) return;
    const { left, top } = this.canvas.getContainer().getBoundingClientRect();
    const box = this.canvas.getAbsoluteBBox(source);
    this.open(source, APPEND, t("model.menu.append"), { x: left + box.x + box.width + 12, y: top + box.y });
  }

  /** At that place, or as near to it as the whole menu can be seen. */
  private open(target: Drawn, menu: string, title: string, at: { x: number; y: number }): void {
    const width = Math.min(WIDTH, innerWidth - 2 * MARGIN);
    const height = Math.min(LIST, innerHeight * 0.56) + HEAD; // as the style sheet bounds it
    const x = Math.max(MARGIN, Math.min(at.x, innerWidth - width - MARGIN));
    const y = Math.max(MARGIN, Math.min(at.y, innerHeight - height - MARGIN));
    this.popup.open(target, menu, { x, y }, { title, width, search: true });
  }

  appends(source: Drawn): boolean {
    return this.fitting(source).length > 0;
  }

  private fitting({ businessObject: object, labelTarget }: Drawn): readonly Offer[] {
    if (labelTarget || !is(object, "bpmn:FlowNode")) return [];
    const alone = is(object, "bpmn:EndEvent") || Boolean(object["isForCompensation"]) || Boolean(object["triggeredByEvent"]);
    const linked = is(object, "bpmn:IntermediateThrowEvent") && hasDefinition(object, "bpmn:LinkEventDefinition");
    const undoes = is(object, "bpmn:BoundaryEvent") && hasDefinition(object, "bpmn:CompensateEventDefinition");
    const next = alone || linked || undoes ? [] : offers.filter((one) => follows(one, object.$type));
    const hosts = is(object, "bpmn:Activity") && !object["triggeredByEvent"] && !object["isForCompensation"];
    return [...next, ...(hosts ? offers.filter((one) => attaches(one, object.$type)) : [])];
  }

  private entries(found: readonly Offer[], act: (what: Offer, event: Event) => void): Record<string, Entry> {
    return Object.fromEntries(
      found.map((what) => {
        const does = kindDoes(what.kind);
        const entry: Entry = {
          label: offerName(what),
          ...(does ? { description: does } : {}),
          className: `bpmn-icon-${what.icon}`,
          group: { id: what.group, name: t(`model.group.${what.group}`) },
          action: (event) => act(what, event),
        };
        return [what.kind, entry];
      }),
    );
  }
}

function hasDefinition(object: Drawn["businessObject"], type: string): boolean {
  return (object.get<Drawn["businessObject"][] | undefined>("eventDefinitions") ?? []).some((one) => is(one, type));
}
