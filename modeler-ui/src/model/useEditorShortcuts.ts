import { useShortcuts } from "../shell/shortcuts";
import type { Editing } from "./editing";

interface Actions {
  save: () => void;
  deploy: () => void;
  start: () => void;
  problems: () => void;
  side: (panel: "properties" | "outline") => void;
}

/** The keys of the editor. Drawing keys (H, L, S, C, E, R, Ctrl+F, arrows) are the canvas's own while it has focus. */
export function useEditorShortcuts(editing: Editing | null, actions: Actions): void {
  const drawing = editing?.drawing;
  const nothing = () => undefined; // listed only: bpmn-js acts on these itself
  useShortcuts("model.shortcuts", [
    { keys: "mod+s", words: "model.shortcut.save", run: actions.save },
    { keys: "mod+enter", words: "model.shortcut.deploy", run: actions.deploy },
    { keys: "mod+shift+enter", words: "model.shortcut.start", run: actions.start },
    { keys: "mod+z", words: "model.shortcut.undo", run: () => drawing?.undo() },
    { keys: "mod+shift+z", words: "model.shortcut.redo", run: () => drawing?.redo() },
    { keys: "p", words: "model.shortcut.properties", run: () => actions.side("properties") },
    { keys: "o", words: "model.shortcut.outline", run: () => actions.side("outline") },
    { keys: "!", words: "model.shortcut.problems", run: actions.problems },
    { keys: "1", words: "model.shortcut.fit", run: () => drawing?.fit() },
    { keys: "+", words: "model.shortcut.larger", run: () => drawing?.zoom(1.2) },
    { keys: "-", words: "model.shortcut.smaller", run: () => drawing?.zoom(1 / 1.2) },
  ]);
  useShortcuts("model.shortcuts.canvas", [
    { keys: "n", words: "model.shortcut.createAny", run: () => drawing?.openCreateMenu() },
    { keys: "a", words: "model.shortcut.appendAny", run: () => drawing?.openAppendMenu() },
    { keys: "e", words: "model.shortcut.rename", run: nothing },
    { keys: "r", words: "model.shortcut.replace", run: nothing },
    { keys: "c", words: "model.shortcut.connect", run: nothing },
    { keys: "h", words: "model.shortcut.hand", run: nothing },
    { keys: "l", words: "model.shortcut.lasso", run: nothing },
    { keys: "mod+f", words: "model.shortcut.find", run: () => drawing?.search() },
    { keys: "delete", words: "model.shortcut.delete", run: nothing },
  ]);
}
