// Palette, context pad and menus offer what the engine runs, all of it from its table (offers.ts), so that a drawing made
// here is deployable by its form.

import { t } from "../../words";
import { kindDoes } from "../../words/kinds";
import { Making } from "./making";
import { annotation, Menus } from "./menus";
import type { Drawn } from "./moddle";
import { offerName } from "./naming";
import { type Offer, offer } from "./offers";
import { Replacements } from "./replacements";
import { Together } from "./together";

export { announced } from "./making";

/** What is drawn most stands in the palette itself; all the rest is one step away, in the menu that its last entry opens. */
const inPalette = [
  "start_event",
  "end_event",
  "user_task",
  "service_task",
  "script_task",
  "exclusive_gateway",
  "parallel_gateway",
  "sub_process",
] as const;
const onPad = ["user_task", "service_task", "script_task", "exclusive_gateway", "end_event"] as const;

/** What the stock pad appends to anything; a menu of ours does that. What it appends to some shapes only stays. */
const general = new Set(["append.append-task", "append.end-event", "append.gateway", "append.intermediate-event"]);

const dashed = (kind: string): string => kind.replaceAll("_", "-");

type Entries = Record<string, { group?: string; title?: string; html?: string; [name: string]: unknown }>;
interface Providers {
  registerProvider(priority: number, provider: object): void;
}
interface AppendPreview {
  create(source: Drawn, type: string, options?: object): void;
  cleanUp(): void;
}

const LATE = 500; // below the default 1000: sees what the stock provider offers

class ExecutablePalette {
  static $inject = ["palette", "making", "menus"];

  constructor(
    palette: Providers,
    private readonly making: Making,
    private readonly menus: Menus,
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
        ...Object.fromEntries(inPalette.map((kind) => [`create.${dashed(kind)}`, this.entry(offer(kind))])),
        ...kept("create.participant-expanded"),
        "create.text-annotation": this.entry(annotation),
        "create.more": reachable({
          group: "more",
          className: "more-entry",
          title: t("model.menu.create.hint"),
          action: { click: () => this.menus.create() },
        }),
      };
    };
  }

  private entry(what: Offer): Entries[string] {
    const start = (event: Event) => {
      // A click by keyboard has no place: the shape finds its own.
      if (event instanceof MouseEvent && event.detail === 0 && event.type === "click") this.making.place(what);
      else this.making.drag(event, what);
    };
    const does = kindDoes(what.kind);
    return reachable({
      group: what.group,
      className: `bpmn-icon-${what.icon}`,
      title: does ? t("model.create.what", { what: offerName(what), does }) : offerName(what),
      action: { dragstart: start, click: start },
    });
  }
}

/** The stock entry, reachable by Tab and worked by Enter. */
function reachable(entry: Entries[string]): Entries[string] {
  return entry["separator"] ? entry : { ...entry, html: '<div class="entry" draggable="true" tabindex="0"></div>' };
}

class ExecutableContextPad {
  static $inject = ["contextPad", "making", "menus", "appendPreview"];

  constructor(
    contextPad: Providers,
    private readonly making: Making,
    private readonly menus: Menus,
    private readonly preview: AppendPreview,
  ) {
    contextPad.registerProvider(LATE, this);
  }

  getContextPadEntries(element: Drawn) {
    return (stock: Entries): Entries => {
      const offersAppend = "append.append-task" in stock;
      const { connect, replace, delete: remove, ...others } = stock;
      const rest = Object.entries(others).filter(([name]) => !general.has(name) && name !== "append.text-annotation");
      const remark = others["append.text-annotation"];
      // What comes next, then what is done with this one.
      return {
        ...(offersAppend ? Object.fromEntries(onPad.map((kind) => this.entry(offer(kind)))) : {}),
        ...Object.fromEntries(rest),
        ...(this.menus.appends(element) ? { "append.more": this.more() } : {}),
        ...(remark ? { "append.text-annotation": { ...remark, group: "edit" } } : {}),
        ...(connect ? { connect: { ...connect, group: "edit" } } : {}),
        ...(replace ? { replace } : {}),
        ...(remove ? { delete: remove } : {}),
      };
    };
  }

  private more(): Entries[string] {
    return {
      group: "model",
      className: "more-entry",
      title: t("model.menu.append.hint"),
      action: { click: (_event: Event, source: Drawn) => this.menus.append(source) },
    };
  }

  private entry(what: Offer): [string, Entries[string]] {
    const { type, ...options } = what.attributes;
    return [
      `append.${dashed(what.kind)}`,
      {
        group: "model",
        className: `bpmn-icon-${what.icon}`,
        title: t("model.append.what", { what: offerName(what) }),
        action: {
          click: (_event: Event, source: Drawn) => this.making.append(source, what),
          dragstart: (event: Event, source: Drawn) => this.making.drag(event, what, source),
          hover: (_event: Event, source: Drawn) => {
            this.preview.create(source, type, options);
            return () => this.preview.cleanUp();
          },
        },
      },
    ];
  }
}

export const executableOnly = {
  __init__: ["executablePalette", "executableContextPad", "replacements"],
  together: ["type", Together],
  making: ["type", Making],
  menus: ["type", Menus],
  replacements: ["type", Replacements],
  executablePalette: ["type", ExecutablePalette],
  executableContextPad: ["type", ExecutableContextPad],
};
