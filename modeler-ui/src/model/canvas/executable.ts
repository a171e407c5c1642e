// Palette, context pad and "change element" menu offer what the engine runs, so that a drawing made here is deployable
// by its form. Diagrams brought from elsewhere open whole all the same; the check says what cannot run.

import { signal } from "@preact/signals";
import { t, type WordKey } from "../../words";
import { type Drawn, is, isEventSubProcess } from "./moddle";

interface Kind {
  id: string;
  type: string;
  icon: string;
  group: string;
  create: WordKey;
  append?: WordKey;
  options?: object;
}

const kinds: readonly Kind[] = [
  { id: "start-event", type: "bpmn:StartEvent", icon: "start-event-none", group: "event", create: "model.create.start" },
  { id: "end-event", type: "bpmn:EndEvent", icon: "end-event-none", group: "event", create: "model.create.end", append: "model.append.end" },
  { id: "user-task", type: "bpmn:UserTask", icon: "user-task", group: "activity", create: "model.create.user", append: "model.append.user" },
  { id: "service-task", type: "bpmn:ServiceTask", icon: "service-task", group: "activity", create: "model.create.service", append: "model.append.service" },
  { id: "script-task", type: "bpmn:ScriptTask", icon: "script-task", group: "activity", create: "model.create.script", append: "model.append.script" },
  { id: "exclusive-gateway", type: "bpmn:ExclusiveGateway", icon: "gateway-xor", group: "gateway", create: "model.create.exclusive", append: "model.append.exclusive" },
  { id: "parallel-gateway", type: "bpmn:ParallelGateway", icon: "gateway-parallel", group: "gateway", create: "model.create.parallel", append: "model.append.parallel" },
];

const annotation: Kind = {
  id: "text-annotation",
  type: "bpmn:TextAnnotation",
  icon: "text-annotation",
  group: "artifact",
  create: "model.create.annotation",
};

/** What the "change element" menu may turn an element into. */
const replacements = new Set([
  "replace-with-none-start",
  "replace-with-none-intermediate-throwing",
  "replace-with-none-intermediate-throw",
  "replace-with-none-end",
  "replace-with-exclusive-gateway",
  "replace-with-parallel-gateway",
  "replace-with-task",
  "replace-with-user-task",
  "replace-with-service-task",
  "replace-with-script-task",
  "replace-with-manual-task",
  "replace-with-subprocess",
  "replace-with-expanded-subprocess",
  "replace-with-collapsed-subprocess",
  "replace-with-event-subprocess",
  "replace-with-sequence-flow",
  "replace-with-default-flow",
  "replace-with-conditional-flow",
  "replace-with-expanded-pool",
  "replace-with-collapsed-pool",
]);
/** Only an event sub-process begins with a message. */
const eventSubProcessStarts = new Set(["replace-with-message-start", "replace-with-non-interrupting-message-start"]);

type Entries = Record<string, { group?: string; title?: string; html?: string; [name: string]: unknown }>;
interface Providers {
  registerProvider(priority: number, provider: object): void;
}
interface Menus {
  registerProvider(id: string, priority: number, provider: object): void;
}
interface Create {
  start(event: Event, shape: unknown, context?: object): void;
}
interface Factory {
  createShape(attributes: object): Drawn;
}
interface AutoPlace {
  append(source: Drawn, shape: Drawn): Drawn;
}
interface AppendPreview {
  create(source: Drawn, type: string, options?: object): void;
  cleanUp(): void;
}
interface Canvas {
  getRootElement(): Drawn;
  viewbox(): { x: number; y: number; width: number; height: number };
}
interface Modeling {
  createShape(shape: Drawn, at: { x: number; y: number }, parent: Drawn): Drawn;
}
interface Selection {
  get(): Drawn[];
  select(element: Drawn): void;
}

const LATE = 500; // below the default 1000: sees what the stock provider offers

/** Says where something was put by keyboard; read out by the editor's live region. */
export const announced = signal("");

class ExecutablePalette {
  static $inject = ["palette", "create", "elementFactory", "selection", "autoPlace", "canvas", "modeling"];

  constructor(
    palette: Providers,
    private readonly creating: Create,
    private readonly factory: Factory,
    private readonly selection: Selection,
    private readonly autoPlace: AutoPlace,
    private readonly canvas: Canvas,
    private readonly modeling: Modeling,
  ) {
    palette.registerProvider(LATE, this);
  }

  getPaletteEntries() {
    return (stock: Entries): Entries => {
      const kept = (name: string) => (stock[name] ? { [name]: reachable(stock[name]) } : {});
      return {
        ...kept("hand-tool"),
        ...kept("lasso-tool"),
        ...kept("space-tool"),
        ...kept("global-connect-tool"),
        ...kept("tool-separator"),
        ...Object.fromEntries(kinds.map((kind) => [`create.${kind.id}`, this.entry(kind)])),
        ...kept("create.subprocess-expanded"),
        ...kept("create.participant-expanded"),
        "create.text-annotation": this.entry(annotation),
      };
    };
  }

  private entry(kind: Kind): Entries[string] {
    const start = (event: Event) => {
      const shape = this.factory.createShape({ type: kind.type, ...kind.options });
      // A click by keyboard has no place: the shape goes behind the selected one, or into the middle of the view.
      if (event instanceof MouseEvent && event.detail === 0 && event.type === "click") this.place(shape, kind);
      else this.creating.start(event, shape);
    };
    return reachable({
      group: kind.group,
      className: `bpmn-icon-${kind.icon}`,
      title: t(kind.create),
      action: { dragstart: start, click: start },
    });
  }

  private place(shape: Drawn, kind: Kind): void {
    const chosen = this.selection.get()[0];
    const source = chosen && is(chosen.businessObject, "bpmn:FlowNode") && !is(chosen.businessObject, "bpmn:EndEvent");
    if (chosen && source && kind.type !== "bpmn:StartEvent") {
      this.autoPlace.append(chosen, shape);
    } else {
      const { x, y, width, height } = this.canvas.viewbox();
      const root = this.canvas.getRootElement();
      const parent = root.children.find((one) => is(one.businessObject, "bpmn:Participant")) ?? root;
      this.selection.select(this.modeling.createShape(shape, { x: x + width / 2, y: y + height / 2 }, parent));
    }
    announced.value = t("model.placed", { what: t(kind.create) });
  }
}

/** The stock entry, reachable by Tab and worked by Enter. */
function reachable(entry: Entries[string]): Entries[string] {
  return entry["separator"] ? entry : { ...entry, html: '<div class="entry" draggable="true" tabindex="0"></div>' };
}

class ExecutableContextPad {
  static $inject = ["contextPad", "create", "elementFactory", "autoPlace", "appendPreview"];

  constructor(
    contextPad: Providers,
    private readonly creating: Create,
    private readonly factory: Factory,
    private readonly autoPlace: AutoPlace,
    private readonly preview: AppendPreview,
  ) {
    contextPad.registerProvider(LATE, this);
  }

  getContextPadEntries() {
    return (stock: Entries): Entries => {
      const offersAppend = "append.append-task" in stock;
      const { connect, replace, delete: remove, ...others } = stock;
      const rest = Object.entries(others).filter(([name]) => !name.startsWith("append."));
      const remark = offersAppend ? undefined : others["append.text-annotation"];
      // Three rows of three: what comes next, then what is done with this one.
      return {
        ...(offersAppend ? Object.fromEntries(kinds.flatMap((kind) => (kind.append ? [this.entry(kind, kind.append)] : []))) : {}),
        ...Object.fromEntries(rest),
        ...(remark ? { "append.text-annotation": { ...remark, group: "edit" } } : {}),
        ...(connect ? { connect: { ...connect, group: "edit" } } : {}),
        ...(replace ? { replace } : {}),
        ...(remove ? { delete: remove } : {}),
      };
    };
  }

  private entry(kind: Kind, title: WordKey): [string, Entries[string]] {
    const make = () => this.factory.createShape({ type: kind.type, ...kind.options });
    return [
      `append.${kind.id}`,
      {
        group: "model",
        className: `bpmn-icon-${kind.icon}`,
        title: t(title),
        action: {
          click: (_event: Event, source: Drawn) => this.autoPlace.append(source, make()),
          dragstart: (event: Event, source: Drawn) => this.creating.start(event, make(), { source }),
          hover: (_event: Event, source: Drawn) => {
            this.preview.create(source, kind.type, kind.options);
            return () => this.preview.cleanUp();
          },
        },
      },
    ];
  }
}

class ExecutableReplacements {
  static $inject = ["popupMenu"];

  constructor(menus: Menus) {
    menus.registerProvider("bpmn-replace", LATE, this);
  }

  getPopupMenuEntries(target: Drawn) {
    const inEvent = is(target.businessObject, "bpmn:StartEvent") && isEventSubProcess(target.businessObject.$parent);
    return (stock: Entries): Entries =>
      Object.fromEntries(
        Object.entries(stock).filter(([name]) => replacements.has(name) || (inEvent && eventSubProcessStarts.has(name))),
      );
  }

  /** Loops, multi-instance and multiplicity do not run yet; interrupting or not does. */
  getPopupMenuHeaderEntries() {
    return (stock: Entries): Entries =>
      Object.fromEntries(Object.entries(stock).filter(([name]) => name.includes("interrupting")));
  }
}

export const executableOnly = {
  __init__: ["executablePalette", "executableContextPad", "executableReplacements"],
  executablePalette: ["type", ExecutablePalette],
  executableContextPad: ["type", ExecutableContextPad],
  executableReplacements: ["type", ExecutableReplacements],
};
