// The engine's findings on the shapes they are about: a badge on each, its words beside the one that is selected or
// pointed at.

import type { DiagramProblem } from "../../records";
import { byElement, worst } from "../problems";
import type { Finder } from "./finder";
import type { Drawn } from "./moddle";

interface Overlays {
  add(element: Drawn, type: string, overlay: object): string;
  remove(filter: object): void;
}
interface Canvas {
  getRootElement(): Drawn;
  addMarker(element: Drawn, css: string): void;
  removeMarker(element: Drawn, css: string): void;
}

const TYPE = "problems";

export class ProblemMarks {
  private marked: [Drawn, string][] = [];
  private badges = new Map<string, HTMLElement>();
  private selected: Drawn | null = null;

  constructor(
    private readonly overlays: Overlays,
    private readonly canvas: Canvas,
    private readonly find: Finder,
  ) {}

  show(problems: readonly DiagramProblem[]): void {
    this.clear();
    for (const [id, found] of byElement(problems)) {
      const element = this.find.element(id);
      if (!element || element === this.canvas.getRootElement()) continue; // the process itself is in the list only
      const css = `problem-${worst(found)}`;
      this.canvas.addMarker(element, css);
      this.marked.push([element, css]);
      const html = badge(found);
      this.badges.set(element.id, html);
      this.overlays.add(element, TYPE, {
        html,
        position: place(element),
        show: { minZoom: 0.35 },
        scale: { min: 0.8, max: 1 },
      });
    }
    this.chosen(this.selected);
  }

  chosen(element: Drawn | null): void {
    this.selected = element;
    for (const [id, html] of this.badges) {
      html.toggleAttribute("data-open", id === element?.id);
      if (id === element?.id) requestAnimationFrame(() => settle(html)); // after the canvas has moved to it
    }
  }

  private clear(): void {
    for (const [element, css] of this.marked) this.canvas.removeMarker(element, css);
    this.overlays.remove({ type: TYPE });
    this.marked = [];
    this.badges.clear();
  }
}

function badge(problems: readonly DiagramProblem[]): HTMLElement {
  const html = document.createElement("div");
  html.className = `problem-badge problem-badge-${worst(problems)}`;
  const sign = document.createElement("span");
  sign.className = "problem-sign";
  sign.textContent = problems.length > 1 ? String(problems.length) : "!";
  const words = document.createElement("ul");
  words.className = "problem-words";
  for (const problem of problems) {
    const line = document.createElement("li");
    line.textContent = problem.message;
    words.append(line);
  }
  html.append(sign, words);
  html.addEventListener("mouseenter", () => settle(html));
  return html;
}

/** Keeps the words inside the canvas: moved to the left at its right edge, below the badge at its top. */
function settle(html: HTMLElement): void {
  const words = html.querySelector<HTMLElement>(".problem-words");
  const frame = html.closest(".djs-container")?.getBoundingClientRect();
  if (!words || !frame) return;
  words.style.left = "";
  delete html.dataset["below"];
  const box = words.getBoundingClientRect();
  const over = box.right - (frame.right - 8);
  if (over > 0) words.style.left = `${-over}px`;
  if (box.top < frame.top) html.dataset["below"] = "";
}

/** On the upper left corner of a shape; on the middle of a flow. */
function place(element: Drawn): object {
  if (!element.waypoints) return { top: -10, left: -10 };
  const points = element.waypoints;
  const middle = points[Math.floor((points.length - 1) / 2)]!;
  const next = points[Math.floor((points.length - 1) / 2) + 1] ?? middle;
  const left = Math.min(...points.map((point) => point.x));
  const top = Math.min(...points.map((point) => point.y));
  return { left: (middle.x + next.x) / 2 - left - 10, top: (middle.y + next.y) / 2 - top - 10 };
}
