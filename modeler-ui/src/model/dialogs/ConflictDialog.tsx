// Somebody else saved the same draft: nothing is overwritten until the person has chosen.

import { useState } from "preact/hooks";
import { Problem } from "../../http";
import { Dialog } from "../../shell/dialogs";
import { Icon } from "../../shell/icons";
import { toast } from "../../shell/toasts";
import { t } from "../../words";
import { ago } from "../../words/times";
import type { Editing } from "../editing";

export function ConflictDialog({ editing, onClose }: { editing: Editing; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const theirs = editing.theirs.value;
  if (!theirs) return null;
  const attempt = async (doing: () => Promise<unknown>, words: string) => {
    setBusy(true);
    setFault(null);
    try {
      if ((await doing()) === "conflict") {
        setFault(t("model.conflict.again"));
        return;
      }
      toast({ kind: "success", text: words });
      onClose();
    } catch (error) {
      // Theirs may even be a file that cannot be drawn; what the importer says is then said here.
      setFault(error instanceof Problem && error.status === 0 ? t("shell.unreachable") : (error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const copyName = t("model.copyOf", { name: editing.name.value });
  return (
    <Dialog title={t("model.conflict.title")} onClose={onClose} busy={busy}>
      <p>{t("model.conflict", { who: theirs.updated_by, when: ago(theirs.updated_at), version: theirs.version })}</p>
      {fault && (
        <p class="banner banner-danger" role="alert">
          <Icon name="error" />
          <span>{fault}</span>
        </p>
      )}
      <div class="choices-list">
        <Choice title={t("model.conflict.copy")} hint={t("model.conflict.copy.hint", { name: copyName })} busy={busy} onChoose={() => void attempt(() => editing.save("copy", copyName), t("model.saved"))} />
        <Choice title={t("model.conflict.take")} hint={t("model.conflict.take.hint", { who: theirs.updated_by })} busy={busy} onChoose={() => void attempt(() => editing.takeTheirs(theirs), t("model.conflict.taken"))} />
        <Choice title={t("model.conflict.overwrite")} hint={t("model.conflict.overwrite.hint", { who: theirs.updated_by })} busy={busy} danger onChoose={() => void attempt(() => editing.save("overwrite"), t("model.saved"))} />
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  title: string;
  hint: string;
  busy: boolean;
  danger?: boolean;
  onChoose: () => void;
}

function Choice({ title, hint, busy, danger, onChoose }: ChoiceProps) {
  return (
    <button type="button" class="choice-row" data-danger={danger} disabled={busy} onClick={onChoose}>
      <span class="grow">
        <strong>{title}</strong>
        <span class="muted">{hint}</span>
      </span>
      <Icon name="right" />
    </button>
  );
}
