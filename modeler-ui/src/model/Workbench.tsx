// The canvas with everything around it.

import { useEffect, useRef, useState } from "preact/hooks";
import { useLive } from "../live";
import { ask } from "../shell/dialogs";
import { Icon } from "../shell/icons";
import { guardLeaving } from "../shell/router";
import { has } from "../shell/session";
import { read, store } from "../shell/stored";
import { useTitle } from "../shell/title";
import { toast, toastFailure } from "../shell/toasts";
import { t } from "../words";
import { ago } from "../words/times";
import { CanvasTools } from "./CanvasTools";
import { Drawing } from "./canvas/drawing";
import { announced } from "./canvas/executable";
import { ConflictDialog } from "./dialogs/ConflictDialog";
import { DeployDialog } from "./dialogs/DeployDialog";
import { StartDialog } from "./dialogs/StartDialog";
import { Editing } from "./editing";
import { download, openFiles, useFileDrop } from "./files";
import { Inspector } from "./inspector/Inspector";
import { fileName } from "./names";
import type { Origin } from "./origins";
import { Outline } from "./Outline";
import { ProblemList } from "./ProblemList";
import { keptOf } from "./recovery";
import { Toolbar } from "./Toolbar";
import { useEditorShortcuts } from "./useEditorShortcuts";

interface Props {
  origin: Origin;
  onReady: (editing: Editing | null) => void;
}

type Panel = "properties" | "outline";
type OpenDialog = "deploy" | "start" | "conflict" | null;

export function Workbench({ origin, onReady }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState<Editing | null>(null);
  const [broken, setBroken] = useState<string | null>(null);

  useEffect(() => {
    const drawing = new Drawing(container.current!);
    let made: Editing | null = null;
    let gone = false;
    let withdraw = () => {};
    drawing.open(origin.xml).then(
      (warnings) => {
        if (gone) return;
        made = new Editing(drawing, origin);
        setEditing(made);
        onReady(made);
        withdraw = offerKept(made);
        if (warnings.length > 0) toast({ kind: "info", text: t("model.importWarnings"), detail: warnings[0] ?? "" });
      },
      (fault: Error) => !gone && setBroken(fault.message),
    );
    const watch = new ResizeObserver(() => drawing.resized());
    watch.observe(container.current!);
    return () => {
      gone = true;
      withdraw();
      watch.disconnect();
      made?.close();
      onReady(null);
      drawing.destroy();
    };
  }, []);

  // A click on a palette entry needs a mouse; Enter and Space click it too, and the shape then finds its own place.
  const onKeyDown = (event: KeyboardEvent) => {
    const entry = (event.target as Element).closest<HTMLElement>(".djs-palette .entry");
    if (entry && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      entry.click();
    }
  };
  return (
    <Surroundings editing={editing} origin={origin} broken={broken}>
      <h2 class="visually-hidden">{t("model.canvas")}</h2>
      <div ref={container} class="canvas" role="application" aria-label={t("model.canvas")} onKeyDown={onKeyDown} />
      {editing && <CanvasTools drawing={editing.drawing} />}
      {!editing && !broken && (
        <div class="canvas-wait">
          <span class="spinner" />
        </div>
      )}
      <p class="visually-hidden" aria-live="polite">
        {announced.value}
      </p>
    </Surroundings>
  );
}

interface SurroundingsProps {
  editing: Editing | null;
  origin: Origin;
  broken: string | null;
  children: preact.ComponentChildren;
}

function Surroundings({ editing, origin, broken, children }: SurroundingsProps) {
  const [panel, setPanel] = useState<Panel>("properties");
  const [sideOpen, setSideOpen] = useState(innerWidth > 900 && read("model.side") !== "closed");
  const [problemsOpen, setProblemsOpen] = useState(false);
  const [dialog, setDialog] = useState<OpenDialog>(null);

  const shownSide = sideOpen && broken === null;
  const showSide = (open: boolean) => {
    setSideOpen(open);
    if (innerWidth > 900) store("model.side", open ? null : "closed");
  };
  const withdrawFailure = useRef<(() => void) | null>(null);
  const save = async (): Promise<boolean> => {
    if (!editing || !has("analyst")) return false;
    try {
      const outcome = await editing.save();
      withdrawFailure.current?.();
      if (outcome === "conflict") setDialog("conflict");
      return outcome === "saved";
    } catch (fault) {
      withdrawFailure.current = toastFailure(t("model.notSaved"), fault);
      return false;
    }
  };

  useTitle(editing?.name.value ?? origin.name);
  useUnsavedGuard(editing, save);
  useDraftNews(editing, () => setDialog("conflict"));
  const dropping = useFileDrop((files) => void openFiles(files));
  useEditorShortcuts(editing, {
    save: () => void save(),
    deploy: () => setDialog("deploy"),
    start: () => setDialog("start"),
    problems: () => setProblemsOpen((open) => !open),
    side: (wanted) => {
      if (sideOpen && panel === wanted) showSide(false);
      else {
        setPanel(wanted);
        showSide(true);
      }
    },
  });

  return (
    <div class="editor" data-side={shownSide} data-dropping={dropping.over} {...dropping.handlers}>
      <Toolbar
        editing={editing}
        name={origin.name}
        sideOpen={shownSide}
        onSave={() => void save()}
        onDeploy={() => setDialog("deploy")}
        onStart={() => setDialog("start")}
        onConflict={() => setDialog("conflict")}
        onSide={() => showSide(!sideOpen)}
      />
      <div class="editor-middle">
        <div class="canvas-frame">
          {children}
          {broken !== null && <Broken origin={origin} words={broken} />}
        </div>
        {editing && <ProblemList editing={editing} open={problemsOpen} onToggle={() => setProblemsOpen(!problemsOpen)} />}
      </div>
      {shownSide && (
        <aside class="side" aria-label={t("model.side")}>
          <div class="side-head">
            <div class="tabs" role="tablist" aria-label={t("model.side")}>
              {(["properties", "outline"] as const).map((one) => (
                <button
                  key={one}
                  type="button"
                  role="tab"
                  id={`tab-${one}`}
                  class="tab"
                  aria-selected={panel === one}
                  aria-controls="side-panel"
                  onClick={() => setPanel(one)}
                >
                  {t(`model.panel.${one}`)}
                </button>
              ))}
            </div>
            <span class="grow" />
            <button type="button" class="button button-quiet button-icon button-small" aria-label={t("model.closeSide")} onClick={() => showSide(false)}>
              <Icon name="close" />
            </button>
          </div>
          <div class="side-body" role="tabpanel" id="side-panel" aria-labelledby={`tab-${panel}`} tabIndex={-1}>
            {editing &&
              (panel === "properties" ? (
                <Inspector drawing={editing.drawing} problems={editing.problems.value} />
              ) : (
                <Outline drawing={editing.drawing} problems={editing.problems.value} />
              ))}
          </div>
        </aside>
      )}
      {dropping.over && <div class="drop-veil">{t("model.dropToOpen")}</div>}
      {editing && dialog === "deploy" && (
        <DeployDialog
          editing={editing}
          onClose={() => setDialog(null)}
          onStart={() => setDialog("start")}
          onSelect={(id) => {
            setDialog(null);
            editing.drawing.select(editing.drawing.find.element(id));
          }}
          onConflict={() => setDialog("conflict")}
        />
      )}
      {editing && dialog === "start" && (
        <StartDialog source={editing} onClose={() => setDialog(null)} onDeploy={() => setDialog("deploy")} />
      )}
      {editing && dialog === "conflict" && <ConflictDialog editing={editing} onClose={() => setDialog(null)} />}
    </div>
  );
}

/** Whoever lost a browser over unsaved work gets it back here. */
function offerKept(editing: Editing): () => void {
  const kept = keptOf(editing.origin);
  if (!kept) return () => {};
  const failed = (fault: unknown) => void toastFailure(t("model.kept.failed"), fault);
  return toast({
    kind: "info",
    stays: true,
    text: t("model.kept", { when: ago(kept.at) }),
    action: { text: t("model.kept.restore"), run: () => void editing.restore(kept).catch(failed) },
  });
}

/** The file cannot be drawn: nothing is lost, it can be taken away as it is. */
function Broken({ origin, words }: { origin: Origin; words: string }) {
  return (
    <div class="canvas-broken" role="alert">
      <div class="empty">
        <Icon name="error" />
        <h2>{t("model.broken.title")}</h2>
        <p>{t("model.broken", { name: origin.name })}</p>
        <pre class="broken-words">{words}</pre>
        <div class="row">
          <a class="button" href="/model">
            {t("model.backToList")}
          </a>
          <button type="button" class="button" onClick={() => download(fileName(origin.name, "bpmn"), origin.xml, "application/xml")}>
            <Icon name="export" />
            {t("model.exportAsIs")}
          </button>
        </div>
      </div>
    </div>
  );
}

function useUnsavedGuard(editing: Editing | null, save: () => Promise<boolean>): void {
  const latest = useRef(save);
  latest.current = save;
  useEffect(() => {
    if (!editing) return undefined;
    const stop = guardLeaving(async () => {
      if (!editing.dirty.value) return true;
      const answer = await ask({
        title: t("model.leave.title", { name: editing.name.value }),
        text: t("model.leave"),
        yes: t("model.leave.discard"),
        other: t("model.leave.save"),
      });
      if (answer === "yes") editing.giveUp();
      return answer === "other" ? latest.current() : answer === "yes";
    });
    const closing = (event: BeforeUnloadEvent) => {
      if (editing.dirty.value) event.preventDefault();
    };
    window.addEventListener("beforeunload", closing);
    return () => {
      stop();
      window.removeEventListener("beforeunload", closing);
    };
  }, [editing]);
}

/** Somebody else saved or deleted the draft that is open here. */
function useDraftNews(editing: Editing | null, onTheirs: () => void): void {
  const withdraw = useRef<(() => void) | null>(null);
  const theirs = editing?.theirs.value ?? null;
  useEffect(() => {
    if (theirs) return;
    withdraw.current?.(); // decided: the note has nothing to ask any more
    withdraw.current = null;
  }, [theirs]);
  useLive(["drafts"], (message) => {
    const id = editing?.draft.value?.id;
    if (!editing || !id || ("id" in message && message.id !== id)) return;
    editing.heardOfDraft().then(
      (news) => {
        if (news === "taken") toast({ kind: "info", text: t("model.takenTheirs", { who: editing.draft.value?.updated_by ?? "" }) });
        if (news === "gone") toast({ kind: "error", text: t("model.gone"), detail: t("model.gone.detail") });
        if (news === "theirs") {
          withdraw.current?.();
          withdraw.current = toast({
            kind: "info",
            text: t("model.theirsNews", { who: editing.theirs.value?.updated_by ?? "" }),
            action: { text: t("model.theirsDecide"), run: onTheirs },
          });
        }
      },
      () => undefined, // without a connection there is no news; the next save finds out
    );
  });
}
