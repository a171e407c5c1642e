// Whoever oversees tasks gives one to somebody, or takes it away again.

import { useState } from "preact/hooks";
import { post, Problem } from "../http";
import type { UserTask } from "../records";
import { Dialog } from "../shell/dialogs";
import { toast } from "../shell/toasts";
import { t } from "../words";
import { problemText } from "../words/problems";

interface Props {
  task: UserTask;
  me: string;
  onClose: () => void;
  onAssigned: (task: UserTask) => void;
}

export function AssignDialog({ task, me, onClose, onAssigned }: Props) {
  const [name, setName] = useState(task.assignee ?? me);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  async function assign(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      const assignee = name.trim() || null;
      onAssigned(await post<UserTask>(`/user-tasks/${encodeURIComponent(task.id)}/assign`, { assignee }));
      toast({ kind: "success", text: assignee ? t("inbox.assigned", { name: assignee }) : t("inbox.freed") });
      onClose();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFault(problemText(problem));
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={t("inbox.assign.title", { name: task.name })}
      busy={busy}
      onClose={onClose}
      onSubmit={() => void assign()}
      actions={
        <>
          <button type="button" class="button" disabled={busy} onClick={onClose}>
            {t("shell.cancel")}
          </button>
          <button type="submit" class="button button-primary" disabled={busy}>
            {t("inbox.assign.do")}
          </button>
        </>
      }
    >
      <div class="field">
        <label for="assignee">{t("inbox.assign.to")}</label>
        <input
          id="assignee"
          class="input"
          value={name}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          autofocus
          aria-describedby="assignee-hint"
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <p class="field-hint" id="assignee-hint">
          {t("inbox.assign.hint")}
        </p>
      </div>
      {fault && (
        <div class="banner banner-danger" role="alert">
          <p>{fault}</p>
        </div>
      )}
    </Dialog>
  );
}
