// bpmn.io's viewer in a chunk of its own: loaded when the first diagram is shown.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import type Canvas from "diagram-js/lib/core/Canvas";
import type ElementRegistry from "diagram-js/lib/core/ElementRegistry";
import type EventBus from "diagram-js/lib/core/EventBus";
import type Overlays from "diagram-js/lib/features/overlays/Overlays";
import { rendererColours } from "./colours";
import type { Marks } from "./marks";

const OURS = "signalbox";
const PADDING = 40;
/** Below this zoom the names of tasks cannot be read. */
const READABLE = 0.6;
/** Below this zoom words beside a shape would cover its neighbours: signs stand in for them. */
const NEAR = 0.75;

/** A read-only diagram with our marks on it. */
export class Viewer {
  private readonly viewer: NavigatedViewer;
  private marked: [element: string, css: string][] = [];
  private selected: string | null = null;

  constructor(container: HTMLElement, onSelect: (elementId: string | null) => void) {
    this.viewer = new NavigatedViewer({ container, bpmnRenderer: rendererColours });
    this.viewer.get<EventBus>("eventBus").on("element.click", ({ element }: { element: Drawn }) => {
      onSelect(element.parent ? (element.labelTarget ?? element).id : null);
    });
    this.viewer.get<EventBus>("eventBus").on("canvas.viewbox.changed", ({ viewbox }: { viewbox: { scale: number } }) => {
      container.toggleAttribute("data-far", viewbox.scale < NEAR);
    });
    // Zooming by wheel must not swallow the page's own scrolling: only with Ctrl (or a pinch), as maps do.
    container.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    }, { capture: true });
  }

  async open(xml: string): Promise<void> {
    await this.viewer.importXML(xml);
    this.marked = [];
    this.selected = null;
  }

  /** The whole diagram, or, where that would be too small to read, the surroundings of one element. */
  frame(elementId: string | null): void {
    this.fit();
    const element = elementId ? (this.registry.get(elementId) as Box | undefined) : undefined;
    if (!element || this.canvas.zoom() >= READABLE) return;
    const { inner, outer } = this.canvas.viewbox();
    const width = outer.width / READABLE;
    const height = outer.height / READABLE;
    this.canvas.viewbox({
      x: around(element.x + element.width / 2, width, inner.x, inner.width),
      y: around(element.y + element.height / 2, height, inner.y, inner.height),
      width,
      height,
    });
  }

  /** The whole diagram, centred, never larger than drawn. */
  fit(): void {
    const canvas = this.canvas;
    const { inner, outer } = canvas.viewbox();
    if (!inner.width || !outer.width || !outer.height) return;
    const scale = Math.min(1, (outer.width - 2 * PADDING) / inner.width, (outer.height - 2 * PADDING) / inner.height);
    const width = outer.width / scale;
    const height = outer.height / scale;
    canvas.viewbox({
      x: inner.x - (width - inner.width) / 2,
      y: inner.y - (height - inner.height) / 2,
      width,
      height,
    });
  }

  zoom(factor: number): void {
    this.canvas.zoom(Math.min(4, Math.max(0.2, this.canvas.zoom() * factor)));
  }

  /** Tells the canvas that its container has another size now. */
  resized(): void {
    this.canvas.resized();
  }

  select(elementId: string | null): void {
    if (this.selected && this.registry.get(this.selected)) this.canvas.removeMarker(this.selected, "sb-selected");
    this.selected = elementId && this.registry.get(elementId) ? elementId : null;
    if (this.selected) this.canvas.addMarker(this.selected, "sb-selected");
  }

  show(marks: Marks): void {
    const { canvas, overlays } = this;
    for (const [element, css] of this.marked) if (this.registry.get(element)) canvas.removeMarker(element, css);
    this.marked = [];
    overlays.remove({ type: OURS } as never);

    for (const id of marks.done) this.mark(id, "sb-done");
    for (const id of marks.flows) this.mark(id, "sb-taken");
    for (const id of marks.inside) this.mark(id, "sb-inside");
    for (const id of marks.troubled) this.mark(id, "sb-troubled");
    for (const [id, count] of marks.tokens) {
      if (marks.failed.has(id)) continue;
      this.mark(id, "sb-active");
      this.badge(id, "sb-token", String(count), { top: -15, left: -15 });
    }
    for (const [id, words] of marks.failed) {
      this.mark(id, "sb-failed");
      this.badge(id, "sb-incident", words, { top: -29, left: -4 }, "!");
    }
    for (const [id, words] of marks.repeated) this.badge(id, "sb-repeated", words, { bottom: 11, left: this.width(id) / 2 }, "", words.replace(/^(\d+)\D+(\d+).*/, "$1/$2"));
    for (const [id, words] of marks.due) {
      this.mark(id, "sb-timed");
      this.badge(id, "sb-due", words, { top: -20, left: this.width(id) - 6 });
    }
    for (const [id, words] of marks.waits) {
      this.mark(id, "sb-waiting");
      this.badge(id, "sb-waits", words, { top: -27, left: this.width(id) / 2 });
    }
  }

  destroy(): void {
    this.viewer.destroy();
  }

  private get canvas(): Canvas {
    return this.viewer.get<Canvas>("canvas");
  }

  private get overlays(): Overlays {
    return this.viewer.get<Overlays>("overlays");
  }

  private get registry(): ElementRegistry {
    return this.viewer.get<ElementRegistry>("elementRegistry");
  }

  private width(id: string): number {
    return (this.registry.get(id) as Box | undefined)?.width ?? 0;
  }

  private mark(id: string, css: string): void {
    if (!this.registry.get(id)) return; // a process or a lane-less root has no shape
    this.canvas.addMarker(id, css);
    this.marked.push([id, css]);
  }

  private badge(id: string, css: string, words: string, position: object, sign = "", short = "…"): void {
    if (!this.registry.get(id)) return;
    const html = document.createElement("div");
    html.className = `sb-badge ${css}`;
    if (sign) {
      const mark = document.createElement("b");
      mark.textContent = sign;
      html.append(mark);
    }
    const text = document.createElement("span");
    text.textContent = words;
    html.append(text);
    html.title = words;
    html.dataset["short"] = short; // what is left of it where the diagram is small
    this.overlays.add(id, OURS, { position, html, scale: { min: 0.7, max: 1.1 } } as never);
  }
}

/** Where a view of `length` begins that has `middle` in its middle, but shows no more empty canvas than needed. */
function around(middle: number, length: number, first: number, whole: number): number {
  const margin = PADDING / READABLE;
  if (whole + 2 * margin <= length) return first - (length - whole) / 2;
  return Math.min(first + whole + margin - length, Math.max(first - margin, middle - length / 2));
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Drawn {
  id: string;
  parent?: unknown;
  labelTarget?: { id: string };
}
