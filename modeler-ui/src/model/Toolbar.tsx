// Above the canvas: the diagram's name and state, and what can be done with it.

import { useRef, useState } from "preact/hooks";
import { Icon } from "../shell/icons";
import { Menu, MenuItem } from "../shell/Menu";
import { has } from "../shell/session";
import { keyCaps } from "../shell/shortcuts";
import { toastFailure } from "../shell/toasts";
import { t } from "../words";
import { ago, moment } from "../words/times";
import type { Editing } from "./editing";
import { chooseFiles, download } from "./files";
import { fileName } from "./names";

interface Props {
  editing: Editing | null;
  name: string;
  sideOpen: boolean;
  onSave: () => void;
  onDeploy: () => void;
  onStart: () => void;
  onConflict: () => void;
  onSide: () => void;
}

export function Toolbar({ editing, name, sideOpen, onSave, onDeploy, onStart, onConflict, onSide }: Props) {
  const drawing = editing?.drawing;
  const ready = editing !== null;
  const saving = editing?.saving.value ?? false;
  const dirty = editing?.dirty.value ?? false;
  const mayDraw = has("analyst");
  const hint = (words: string, keys: string) => `${words} (${keyCaps(keys)[0]?.join("+") ?? ""})`;

  const exportXml = async () => {
    if (!editing) return;
    const { name: file, xml } = await editing.file();
    download(file, xml, "application/xml");
  };
  const exportSvg = async () => {
    if (!editing) return;
    try {
      download(fileName(editing.name.value, "svg"), await editing.drawing.svg(), "image/svg+xml");
    } catch (fault) {
      toastFailure(t("model.notExported"), fault);
    }
  };

  return (
    <header class="bar toolbar">
      <a class="button button-quiet button-icon" href="/model" aria-label={t("model.backToList")} title={t("model.backToList")}>
        <Icon name="left" />
      </a>
      {editing ? <Name key={editing.name.value} editing={editing} /> : <h1 class="toolbar-name truncate">{name}</h1>}
      {editing && <SaveState editing={editing} onConflict={onConflict} />}
      <span class="grow" />
      <div class="row toolbar-undo">
        <button type="button" class="button button-quiet button-icon" disabled={!drawing?.canUndo.value} aria-label={t("model.shortcut.undo")} title={hint(t("model.shortcut.undo"), "mod+z")} onClick={() => drawing?.undo()}>
          <Icon name="undo" />
        </button>
        <button type="button" class="button button-quiet button-icon" disabled={!drawing?.canRedo.value} aria-label={t("model.shortcut.redo")} title={hint(t("model.shortcut.redo"), "mod+shift+z")} onClick={() => drawing?.redo()}>
          <Icon name="redo" />
        </button>
      </div>
      <button type="button" class="button button-quiet button-icon" aria-label={t("model.side")} title={hint(t("model.side"), "p")} aria-pressed={sideOpen} onClick={onSide}>
        <Icon name="sidebar" />
      </button>
      <Menu label={t("model.more")} buttonClass="button button-quiet button-icon" button={<Icon name="more" />}>
        <MenuItem icon={<Icon name="import" />} onSelect={() => void chooseFiles()}>
          {t("model.import")}
        </MenuItem>
        <MenuItem icon={<Icon name="export" />} disabled={!ready} onSelect={() => void exportXml()}>
          {t("model.exportXml")}
        </MenuItem>
        <MenuItem icon={<Icon name="export" />} disabled={!ready} onSelect={() => void exportSvg()}>
          {t("model.exportSvg")}
        </MenuItem>
      </Menu>
      <button
        type="button"
        class="button toolbar-save"
        disabled={!ready || saving || !mayDraw || (!dirty && editing?.draft.value !== null)}
        title={hint(t("model.save"), "mod+s")}
        onClick={onSave}
      >
        {saving ? <span class="spinner" /> : <Icon name="save" />}
        <span class="toolbar-words">{t("model.save")}</span>
      </button>
      <button type="button" class="button" disabled={!ready} title={hint(t("model.start"), "mod+shift+enter")} onClick={onStart}>
        <Icon name="play" />
        <span class="toolbar-words">{t("model.start")}</span>
      </button>
      <button type="button" class="button button-primary" disabled={!ready || !mayDraw} title={hint(t("model.deploy"), "mod+enter")} onClick={onDeploy}>
        <Icon name="deploy" />
        <span class="toolbar-words">{t("model.deploy")}</span>
      </button>
    </header>
  );
}

/** The name, to be typed over in its place. */
function Name({ editing }: { editing: Editing }) {
  const [typed, setTyped] = useState(editing.name.value);
  const undone = useRef(false);
  return (
    <h1 class="toolbar-name">
      <span class="toolbar-name-size" aria-hidden="true">
        {typed || " "}
      </span>
      <input
        class="toolbar-name-input"
        aria-label={t("model.name")}
        value={typed}
        size={1}
        maxLength={255}
        spellcheck={false}
        autocomplete="off"
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") {
            undone.current = true;
            event.currentTarget.blur();
          }
        }}
        onBlur={() => {
          if (undone.current || !typed.trim()) setTyped(editing.name.value);
          else editing.rename(typed);
          undone.current = false;
        }}
      />
    </h1>
  );
}

function SaveState({ editing, onConflict }: { editing: Editing; onConflict: () => void }) {
  const draft = editing.draft.value;
  const theirs = editing.theirs.value;
  if (theirs) {
    return (
      <button type="button" class="chip chip-warning save-state" onClick={onConflict} title={t("model.theirsDecide")}>
        <Icon name="warning" />
        <span class="truncate">{t("model.theirsChip", { who: theirs.updated_by })}</span>
      </button>
    );
  }
  if (editing.saving.value) return <span class="save-state muted">{t("model.saving")}</span>;
  if (editing.dirty.value) {
    return (
      <span class="save-state muted" title={t("model.unsaved.hint")}>
        <span class="unsaved-dot" />
        <span class="truncate">{t("model.unsaved")}</span>
      </span>
    );
  }
  if (draft) {
    return (
      <span class="save-state muted" title={moment(draft.updated_at)}>
        <span class="truncate">{t("model.savedAgo", { when: ago(draft.updated_at) })}</span>
      </span>
    );
  }
  const { origin } = editing;
  return (
    <span class="save-state muted">
      <span class="truncate">
        {origin.kind === "definition" ? t("model.fromDefinition", { version: origin.definition.version }) : t("model.notSavedYet")}
      </span>
    </span>
  );
}
