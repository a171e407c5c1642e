// A read-only diagram as a Preact component: the viewer is loaded lazily and lives as long as the component.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../words";
import type { Marks } from "./marks";
import type { Viewer } from "./viewer";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/diagram-js.css";
import "./diagram.css";

const RETRY_MS = 2_000;

interface Props {
  xml: string | undefined;
  marks: Marks;
  /** What the picture says, for those who cannot see it. */
  label: string;
  selected?: string | null;
  /** What must stay readable where the whole diagram is too large for its pane. */
  focus?: string | null;
  onSelect?: (elementId: string | null) => void;
}

export function Diagram({ xml, marks, label, selected = null, focus = null, onSelect }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  const [viewer, setViewer] = useState<Viewer | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);

  useEffect(() => {
    let gone = false;
    let made: Viewer | null = null;
    let retry: number | undefined;
    const load = (): void => {
      import("./viewer").then(
        ({ Viewer }) => {
          if (gone || !container.current) return;
          made = new Viewer(container.current, (id) => select.current?.(id));
          setViewer(made);
        },
        () => {
          // The server is away; the rest of the page goes on meanwhile.
          if (!gone) retry = window.setTimeout(load, RETRY_MS);
        },
      );
    };
    load();
    return () => {
      gone = true;
      window.clearTimeout(retry);
      made?.destroy();
    };
  }, []);

  useEffect(() => {
    if (!viewer || !xml) return;
    let gone = false;
    setBroken(false);
    viewer.open(xml).then(
      () => !gone && setOpened(xml),
      () => !gone && setBroken(true),
    );
    return () => {
      gone = true;
    };
  }, [viewer, xml]);

  const ready = viewer !== null && opened !== null && opened === xml;
  useEffect(() => {
    if (ready) viewer?.frame(focus);
  }, [ready, viewer, focus]);
  useEffect(() => {
    if (ready) viewer?.show(marks);
  }, [ready, viewer, marks]);
  useEffect(() => {
    if (ready) viewer?.select(selected);
  }, [ready, viewer, selected]);

  useEffect(() => {
    if (!viewer || !container.current) return;
    const watch = new ResizeObserver(() => {
      viewer.resized();
      if (ready) viewer.frame(focus);
    });
    watch.observe(container.current);
    return () => watch.disconnect();
  }, [ready, viewer, focus]);

  return (
    <div class="diagram" data-ready={ready}>
      <div class="diagram-canvas" ref={container} role="group" aria-label={label} />
      {!ready && !broken && <div class="diagram-wait" aria-hidden="true" />}
      {broken && <p class="diagram-broken">{t("operate.diagram.broken")}</p>}
      <div class="diagram-tools" role="group" aria-label={t("operate.diagram.tools")}>
        <button type="button" class="button" onClick={() => viewer?.zoom(1.2)} aria-label={t("operate.diagram.larger")}>
          <span aria-hidden="true">+</span>
        </button>
        <button type="button" class="button" onClick={() => viewer?.zoom(1 / 1.2)} aria-label={t("operate.diagram.smaller")}>
          <span aria-hidden="true">−</span>
        </button>
        <button type="button" class="button" onClick={() => viewer?.fit()} aria-label={t("operate.diagram.fit")}>
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" fill="none" stroke="currentColor" stroke-width="1.6" />
          </svg>
        </button>
      </div>
    </div>
  );
}
