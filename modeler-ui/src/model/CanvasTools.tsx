import { Icon } from "../shell/icons";
import { t } from "../words";
import type { Drawing } from "./canvas/drawing";

/** Zoom, below left: below right stands bpmn.io's mark and stays free. */
export function CanvasTools({ drawing }: { drawing: Drawing }) {
  return (
    <div class="canvas-tools" role="group" aria-label={t("model.zoom")}>
      <button type="button" class="button button-quiet button-icon button-small" aria-label={t("model.shortcut.smaller")} title={t("model.shortcut.smaller")} onClick={() => drawing.zoom(1 / 1.2)}>
        <Icon name="minus" />
      </button>
      <button type="button" class="button button-quiet button-small canvas-scale" title={t("model.shortcut.fit")} onClick={() => drawing.fit()}>
        {Math.round(drawing.scale.value * 100)} %<span class="visually-hidden">: {t("model.shortcut.fit")}</span>
      </button>
      <button type="button" class="button button-quiet button-icon button-small" aria-label={t("model.shortcut.larger")} title={t("model.shortcut.larger")} onClick={() => drawing.zoom(1.2)}>
        <Icon name="plus" />
      </button>
    </div>
  );
}
