// The "change element" menu: bpmn-js says what may become what by its form, the engine's table says what of that runs.

import { PopupEntries } from "bpmn-js/lib/features/popup-menu/PopupEntries";
import { type EventPlace, harmless, kindOf, runs } from "../../elements";
import { t, type WordKey } from "../../words";
import { kindText } from "../../words/kinds";
import { definitionsOf, type Drawn, is, isEventSubProcess, type Moddle, tagOf } from "./moddle";
import { offer } from "./offers";

interface Target {
  type: string;
  eventDefinitionType?: string;
  triggeredByEvent?: boolean;
  isExpanded?: boolean;
  isInterrupting?: boolean;
  cancelActivity?: boolean;
}
type Entries = Record<string, { label?: string; className?: string; action?: unknown }>;
type HeaderEntries = Record<string, object>;

interface PopupMenu {
  registerProvider(id: string, priority: number, provider: object): void;
}
interface Modeling {
  updateProperties(element: Drawn, properties: object): void;
}
interface BpmnFactory {
  create(type: string): Moddle;
}

const LATE = 500; // below the default 1000: sees what the stock provider offers

/** Flows and pools become another form of themselves; that always runs. */
const forms = new Set([
  "replace-with-sequence-flow",
  "replace-with-default-flow",
  "replace-with-conditional-flow",
  "replace-with-expanded-pool",
  "replace-with-collapsed-pool",
]);

/** The stock menu gives some entries other names than their own. */
const otherNames: Record<string, string> = {
  "none-start-event": "none-start",
  "none-intermediate-throwing": "none-intermediate-throw",
  "none-end-event": "none-end",
  "expanded-subprocess": "subprocess",
  "expanded-ad-hoc-subprocess": "ad-hoc-subprocess",
};

const lower = (type: string): string => tagOf({ $type: type } as Moddle);

/** Stock entry → what it makes. */
export const targets: ReadonlyMap<string, Target> = new Map(
  Object.entries(PopupEntries as Record<string, { target: Target }>).flatMap(([name, { target }]) =>
    [name, ...(otherNames[name] ? [otherNames[name]] : [])].map((one) => [`replace-with-${one}`, target] as const),
  ),
);

export function kindOfTarget({ type, eventDefinitionType, triggeredByEvent = false }: Target): string {
  return kindOf(lower(type), eventDefinitionType ? [lower(eventDefinitionType)] : [], triggeredByEvent);
}

const dataNames: Record<string, WordKey> = {
  "bpmn:DataObjectReference": "model.kind.data",
  "bpmn:DataStoreReference": "model.kind.store",
};

/** Its name; null where the engine does not run it. */
function nameOf(entry: string): string | null {
  const target = targets.get(entry);
  if (!target) return null;
  const kind = kindOfTarget(target);
  if (harmless.has(lower(target.type))) return dataNames[target.type] ? t(dataNames[target.type]!) : null;
  if (!runs.has(kind)) return null;
  if (target.isExpanded === false) return t("kind.collapsed", { kind: kindText(kind) });
  const beside = target.isInterrupting === false || target.cancelActivity === false;
  return beside ? t("kind.beside", { kind: kindText(kind) }) : kindText(kind);
}

const placeOf: Record<string, EventPlace> = {
  "bpmn:StartEvent": "start_event",
  "bpmn:IntermediateCatchEvent": "intermediate_catch_event",
  "bpmn:BoundaryEvent": "boundary_event",
  "bpmn:IntermediateThrowEvent": "intermediate_throw_event",
  "bpmn:EndEvent": "end_event",
};

export class Replacements {
  static $inject = ["popupMenu", "modeling", "bpmnFactory"];

  constructor(
    popup: PopupMenu,
    private readonly modeling: Modeling,
    private readonly bpmnFactory: BpmnFactory,
  ) {
    popup.registerProvider("bpmn-replace", LATE, this);
  }

  getPopupMenuEntries(target: Drawn) {
    return (stock: Entries): Entries => {
      const kept = Object.entries(stock).flatMap(([name, entry]): [string, Entries[string]][] => {
        if (forms.has(name)) return [[name, entry]];
        const label = nameOf(name);
        return label === null ? [] : [[name, { ...entry, label }]];
      });
      return { ...Object.fromEntries(kept), ...this.several(target) };
    };
  }

  getPopupMenuHeaderEntries() {
    return (stock: HeaderEntries): HeaderEntries =>
      Object.fromEntries(Object.entries(stock).filter(([name]) => name !== "toggle-participant-multiplicity"));
  }

  /** An event that waits for, or throws, more than one thing: bpmn-js draws it but does not offer it. */
  private several(target: Drawn): Entries {
    const object = target.businessObject;
    const place = placeOf[object.$type];
    const inside = is(object, "bpmn:StartEvent") && is(object.$parent, "bpmn:SubProcess") && !isEventSubProcess(object.$parent);
    const own = definitionsOf(object);
    if (!place || inside || own.length > 1 || !runs.has(`multiple_${place}`)) return {};
    const made = offer(`multiple_${place}`);
    const alone = /:(Link|Cancel|Terminate|Error|Compensate)EventDefinition$/;
    const action = () => {
      const kept = own.filter((one) => !alone.test(one.$type));
      const more = (made.several ?? []).filter((type) => !kept.some((one) => one.$type === type));
      const added = more.slice(0, 2 - kept.length).map((type) => this.bpmnFactory.create(type));
      for (const one of added) one.$parent = object;
      this.modeling.updateProperties(target, { eventDefinitions: [...kept, ...added] });
    };
    return { "replace-with-multiple": { label: kindText(made.kind), className: `bpmn-icon-${made.icon}`, action } };
  }
}
