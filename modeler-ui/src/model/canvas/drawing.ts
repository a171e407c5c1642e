// bpmn-js behind a small face: a diagram that is opened, drawn on, read back, and says what changed. Everything of
// bpmn.io that the app loads for drawing hangs on this module, which is imported lazily.

import { computed, effect, signal } from "@preact/signals";
import Modeler from "bpmn-js/lib/Modeler";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/diagram-js.css";
import extensions from "../../../../bpmn/extensions.json";
import { rendererColours } from "../../diagram/colours";
import "../../diagram/diagram.css";
import { language } from "../../words";
import { allExtensions, type Drawn, is, type Moddle, processOf } from "./moddle";
import { executableOnly } from "./executable";
import type { Menus } from "./menus";
import type { Together } from "./together";
import { Finder } from "./finder";
import { ProblemMarks } from "./problem_marks";
import { translated } from "./translated";

interface Modeling {
  updateProperties(element: Drawn, properties: object): void;
  updateModdleProperties(element: Drawn, object: Moddle, properties: object): void;
  removeElements(elements: Drawn[]): void;
}
interface Canvas {
  getRootElement(): Drawn;
  zoom(to: number | "fit-viewport", centre?: unknown): number;
  viewbox(box?: object): { x: number; y: number; width: number; height: number; scale: number; inner: Box; outer: Box };
  scrollToElement(element: Drawn, padding?: number): void;
  resized(): void;
  focus(): void;
}
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface EventBus {
  on(event: string, listener: (event: never) => void): void;
  fire(event: string): void;
}
interface Stack {
  undo(): void;
  redo(): void;
  canUndo(): boolean;
  canRedo(): boolean;
}
interface BpmnFactory {
  create(type: string, properties?: object): Moddle;
}

interface Serialiser {
  fromXML(xml: string): Promise<{ rootElement: Moddle }>;
  toXML(root: Moddle, options: object): Promise<{ xml: string }>;
}

const LARGEST = 4;
const SMALLEST = 0.2;
const MARGIN = 60;

export class Drawing {
  /** Grows with every change; what reads the diagram reads this first. */
  readonly revision = signal(0);
  readonly selection = signal<Drawn | null>(null);
  readonly selectedCount = signal(0);
  readonly canUndo = signal(false);
  readonly canRedo = signal(false);
  readonly scale = signal(1);
  readonly problems: ProblemMarks;
  readonly find: Finder;

  private readonly modeler: Modeler;
  private readonly container: HTMLElement;
  private readonly stops: (() => void)[] = [];
  private fitted = "";
  // Each state of the undo history has a number of its own: back at the saved one, nothing is unsaved.
  private states: number[] = [0];
  private readonly at = signal(0);
  private lastState = 0;
  private readonly savedState = signal(0);
  readonly state = computed(() => this.states[this.at.value] ?? 0);
  readonly changed = computed(() => this.state.value !== this.savedState.value);

  constructor(container: HTMLElement) {
    this.container = container;
    this.modeler = new Modeler({
      container,
      moddleExtensions: { signalbox: extensions },
      bpmnRenderer: rendererColours,
      additionalModules: [executableOnly, translated],
    });
    this.find = new Finder(this.get("elementRegistry"), () => this.root);
    this.problems = new ProblemMarks(this.get("overlays"), this.get("canvas"), this.find);
    const bus = this.get<EventBus>("eventBus");
    bus.on("commandStack.changed", (event: { trigger: string }) => this.moved(event.trigger));
    bus.on("selection.changed", () => this.selected());
    bus.on("root.set", () => this.selected());
    bus.on("canvas.viewbox.changed", (event: { viewbox: { scale: number } }) => {
      this.scale.value = event.viewbox.scale;
    });
    container.addEventListener("mousedown", (event) => this.keepPad(event), { capture: true });
    this.stops.push(
      effect(() => {
        void language.value;
        bus.fire("i18n.changed");
      }),
    );
  }

  /** Shows a diagram. Throws where the text is no BPMN diagram; answers with what the importer found odd. */
  async open(xml: string): Promise<string[]> {
    const { warnings } = await this.modeler.importXML(xml);
    this.states = [0];
    this.at.value = 0;
    this.lastState = 0;
    this.savedState.value = 0;
    this.canUndo.value = this.canRedo.value = false;
    this.selected();
    this.fit();
    this.revision.value += 1;
    return warnings.map((warning) => (warning as unknown as Error).message ?? String(warning));
  }

  /** The file, with a name that is just being typed on the canvas. */
  async xml(): Promise<string> {
    this.finishTyping();
    return this.xmlAsItIs();
  }

  /** The file without disturbing who is typing. */
  async xmlAsItIs(): Promise<string> {
    const { xml } = await this.modeler.saveXML({ format: true });
    return xml ?? "";
  }

  /** `xml` as this drawing would write it: two files that differ in their spelling only become equal. */
  async respelled(xml: string): Promise<string> {
    const moddle = this.get<Serialiser>("moddle");
    const { rootElement } = await moddle.fromXML(xml);
    return (await moddle.toXML(rootElement, { format: true })).xml;
  }

  /** The picture in the colours of the light theme: what a document or a mail shows it on. */
  async svg(): Promise<string> {
    this.finishTyping();
    const { svg } = await this.modeler.saveSVG();
    const probe = document.createElement("span");
    probe.style.colorScheme = "light";
    this.container.append(probe);
    const resolved = svg.replace(/var\(--[\w-]+\)/g, (name) => {
      probe.style.color = name;
      return getComputedStyle(probe).color;
    });
    probe.remove();
    return resolved;
  }

  /** What is on the canvas in `state` is now stored elsewhere. */
  markSaved(state: number): void {
    this.savedState.value = state;
  }

  get root(): Drawn {
    return this.get<Canvas>("canvas").getRootElement();
  }

  /** Every process of the diagram. */
  processes(): { element: Drawn; process: Moddle }[] {
    const root = this.root;
    const pools = is(root.businessObject, "bpmn:Collaboration") ? root.children : [root];
    return pools.flatMap((element) => {
      const process = processOf(element.businessObject);
      return process ? [{ element, process }] : [];
    });
  }

  // --- changing ------------------------------------------------------------------------------------------------------
  update(element: Drawn, properties: object): void {
    this.get<Modeling>("modeling").updateProperties(element, properties);
  }

  updateInside(element: Drawn, object: Moddle, properties: object): void {
    this.get<Modeling>("modeling").updateModdleProperties(element, object, properties);
  }

  /** Changes the process that the root or a pool stands for. */
  updateProcess(element: Drawn, properties: object): void {
    const process = processOf(element.businessObject);
    if (!process) return;
    if (process === element.businessObject) this.update(element, properties);
    else this.updateInside(element, process, properties);
  }

  create(type: string, properties?: object): Moddle {
    return this.get<BpmnFactory>("bpmnFactory").create(type, properties);
  }

  /** Several changes as one step of the undo history. */
  together(change: () => void): void {
    this.get<Together>("together").run(change);
  }

  /** Puts `value` in the place of the extension element of its type; null takes it away. */
  setExtension(element: Drawn, object: Moddle, type: string, value: Moddle | null): void {
    this.setExtensions(element, object, type, value ? [value] : []);
  }

  /** Puts `made` in the place of all extension elements of that type. One step of the undo history. */
  setExtensions(element: Drawn, object: Moddle, type: string, made: readonly Moddle[]): void {
    const before = allExtensions(object);
    const others = before.filter((one) => !is(one, type));
    if (made.length === 0 && others.length === before.length) return;
    const values = [...others, ...made];
    if (values.length === 0) {
      this.updateInside(element, object, { extensionElements: undefined });
      return;
    }
    const next = this.create("bpmn:ExtensionElements", { values });
    next.$parent = object;
    for (const one of values) one.$parent = next;
    this.updateInside(element, object, { extensionElements: next });
  }

  // --- what the whole file declares: messages, signals, errors, escalations ------------------------------------------------
  declared(type: string): Moddle[] {
    return this.definitions.get<Moddle[]>("rootElements").filter((one) => is(one, type));
  }

  /** A new one. Call it within `together` with what refers to it. */
  declare(element: Drawn, type: string, properties: object): Moddle {
    const made = this.create(type, properties);
    made.$parent = this.definitions;
    const rootElements = [...this.definitions.get<Moddle[]>("rootElements"), made];
    this.updateInside(element, this.definitions, { rootElements });
    return made;
  }

  private get definitions(): Moddle {
    return (this.modeler as unknown as { getDefinitions(): Moddle }).getDefinitions();
  }

  remove(element: Drawn): void {
    this.get<Modeling>("modeling").removeElements([element]);
  }

  undo(): void {
    if (this.get<Stack>("commandStack").canUndo()) this.get<Stack>("commandStack").undo();
  }

  redo(): void {
    if (this.get<Stack>("commandStack").canRedo()) this.get<Stack>("commandStack").redo();
  }

  // --- looking -------------------------------------------------------------------------------------------------------
  /** Selects the shape and brings it into view; null: the process itself. */
  select(element: Drawn | null): void {
    const shown = element && element.parent ? element : null;
    this.get<{ select(what: Drawn | null): void }>("selection").select(shown);
    if (shown) this.get<Canvas>("canvas").scrollToElement(shown, MARGIN);
  }

  /** The menu of everything that can be drawn. */
  openCreateMenu(): void {
    this.get<Menus>("menus").create();
  }

  /** The menu of what can follow the selected shape or be attached to it. */
  openAppendMenu(): void {
    if (this.selection.value) this.get<Menus>("menus").append(this.selection.value);
  }

  search(): void {
    this.get<{ toggle(): void }>("searchPad").toggle();
  }

  zoom(factor: number): void {
    const canvas = this.get<Canvas>("canvas");
    canvas.zoom(Math.min(LARGEST, Math.max(SMALLEST, canvas.viewbox().scale * factor)));
  }

  /** The whole diagram, centred beside the palette, never larger than drawn. */
  fit(): void {
    const canvas = this.get<Canvas>("canvas");
    const { inner, outer } = canvas.viewbox();
    if (!inner.width || !outer.width || !outer.height) return;
    const palette = (this.container.querySelector<HTMLElement>(".djs-palette")?.offsetWidth ?? 0) + 12;
    const margin = Math.min(MARGIN, outer.width / 16);
    const room = { width: outer.width - palette - 2 * margin, height: outer.height - 2 * margin };
    const scale = Math.max(SMALLEST, Math.min(1, room.width / inner.width, room.height / inner.height));
    const width = outer.width / scale;
    const height = outer.height / scale;
    const x = inner.x - (width - inner.width) / 2 - palette / 2 / scale;
    canvas.viewbox({ x, y: inner.y - (height - inner.height) / 2, width, height });
    this.fitted = this.view();
  }

  /** The canvas has another size: what was seen as a whole stays so, else what is selected stays in view. */
  resized(): void {
    const whole = this.fitted === this.view();
    this.get<Canvas>("canvas").resized();
    if (whole) this.fit();
    else if (this.selection.value) this.get<Canvas>("canvas").scrollToElement(this.selection.value, MARGIN);
  }

  private view(): string {
    const { x, y, scale } = this.get<Canvas>("canvas").viewbox();
    return [x, y, scale].map((part) => part.toFixed(2)).join(" ");
  }

  destroy(): void {
    for (const stop of this.stops) stop();
    this.modeler.destroy();
  }

  get<T>(service: string): T {
    return this.modeler.get<T>(service as never);
  }

  /**
   * A press on the context pad would end the typing of a name, which redraws the pad under the pointer, and the click
   * would be lost. With the focus kept, the pad's action ends the typing itself.
   */
  private keepPad(event: MouseEvent): void {
    const onPad = event.target instanceof Element && event.target.closest(".djs-context-pad");
    if (onPad && this.get<{ isActive(): boolean }>("directEditing").isActive()) event.preventDefault();
  }

  /** A name that is just being typed on the canvas belongs to the diagram. */
  private finishTyping(): void {
    const editing = this.get<{ isActive(): boolean; complete(): void }>("directEditing");
    if (editing.isActive()) editing.complete();
  }

  private moved(trigger: string): void {
    if (trigger === "clear") return;
    if (trigger === "undo") this.at.value -= 1;
    else if (trigger === "redo") this.at.value += 1;
    else {
      this.lastState += 1;
      this.states = [...this.states.slice(0, this.at.value + 1), this.lastState];
      this.at.value += 1;
    }
    const stack = this.get<Stack>("commandStack");
    this.canUndo.value = stack.canUndo();
    this.canRedo.value = stack.canRedo();
    this.revision.value += 1;
  }

  private selected(): void {
    const chosen = this.get<{ get(): Drawn[] }>("selection").get();
    const only = chosen.length === 1 ? (chosen[0] ?? null) : null;
    this.selectedCount.value = chosen.length;
    this.selection.value = only ? (only.labelTarget ?? only) : null;
    this.problems.chosen(this.selection.value);
  }
}
