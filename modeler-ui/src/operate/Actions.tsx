// Suspend, resume, cancel: each asked about first.

import { useState } from "preact/hooks";
import { del, post, Problem } from "../http";
import type { ProcessInstance } from "../records";
import { ask, Dialog } from "../shell/dialogs";
import { toast, toastFailure } from "../shell/toasts";
import { t } from "../words";
import { problemText } from "../words/problems";

interface Props {
  instance: ProcessInstance;
  onChanged: () => void;
}

export function Actions({ instance, onChanged }: Props) {
  const [busy, setBusy] = useState(false);
  const [cancelling, setCancelling] = useState(false);
  const path = `/process-instances/${encodeURIComponent(instance.id)}`;
  if (instance.state !== "active" && instance.state !== "suspended") return null;

  async function change(verb: "suspend" | "resume"): Promise<void> {
    if (verb === "suspend") {
      const question = { title: t("operate.suspend.title"), text: t("operate.suspend.words"), yes: t("operate.suspend") };
      if ((await ask(question)) !== "yes") return;
    }
    setBusy(true);
    try {
      await post<ProcessInstance>(`${path}/${verb}`);
      toast({ kind: "success", text: t(`operate.${verb}.done`) });
    } catch (fault) {
      toastFailure(t(`operate.${verb}.failed`), fault);
    } finally {
      setBusy(false);
      onChanged();
    }
  }

  return (
    <div class="row instance-actions">
      {instance.state === "active" ? (
        <button type="button" class="button" disabled={busy} onClick={() => void change("suspend")}>
          {t("operate.suspend")}
        </button>
      ) : (
        <button type="button" class="button button-primary" disabled={busy} onClick={() => void change("resume")}>
          {t("operate.resume")}
        </button>
      )}
      <button type="button" class="button" disabled={busy} onClick={() => setCancelling(true)}>
        {t("operate.cancel")}
      </button>
      {cancelling && <CancelDialog path={path} onClose={() => setCancelling(false)} onChanged={onChanged} />}
    </div>
  );
}

interface CancelProps {
  path: string;
  onClose: () => void;
  onChanged: () => void;
}

function CancelDialog({ path, onClose, onChanged }: CancelProps) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  async function cancel(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      await del(path, { reason: reason.trim() });
      toast({ kind: "success", text: t("operate.cancel.done") });
      onChanged();
      onClose();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFault(problemText(problem));
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={t("operate.cancel.title")}
      busy={busy}
      onClose={onClose}
      onSubmit={() => void cancel()}
      actions={
        <>
          <button type="button" class="button" disabled={busy} onClick={onClose}>
            {t("operate.cancel.no")}
          </button>
          <button type="submit" class="button button-danger" disabled={busy}>
            {t("operate.cancel")}
          </button>
        </>
      }
    >
      <p>{t("operate.cancel.words")}</p>
      <div class="field">
        <label for="cancel-reason">{t("operate.cancel.reason")}</label>
        <textarea
          id="cancel-reason"
          class="textarea"
          rows={3}
          maxLength={4000}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </div>
      {fault && (
        <div class="banner banner-danger" role="alert">
          <p>{fault}</p>
        </div>
      )}
    </Dialog>
  );
}
