// What went wrong and needs a human, with the way to repair it beside it.

import { useState } from "preact/hooks";
import { post, Problem } from "../http";
import type { Incident } from "../records";
import { Icon } from "../shell/icons";
import { toast } from "../shell/toasts";
import { t, type WordKey } from "../words";
import { problemText } from "../words/problems";
import { ago, moment } from "../words/times";

interface Props {
  incidents: readonly Incident[];
  nameOf: (elementId: string) => string;
  mayRetry: boolean;
  suspended: boolean;
  onSelect: (elementId: string) => void;
  onChanged: () => void;
}

export function Incidents({ incidents, ...rest }: Props) {
  if (incidents.length === 0) return null;
  return (
    <section class="incidents" aria-label={t("operate.incidents")}>
      {incidents.map((incident) => (
        <OneIncident key={incident.id} incident={incident} {...rest} />
      ))}
    </section>
  );
}

function OneIncident({ incident, nameOf, mayRetry, suspended, onSelect, onChanged }: Omit<Props, "incidents"> & { incident: Incident }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const hindrance = suspended
    ? t("operate.retry.suspended")
    : !incident.retryable
      ? t("operate.retry.impossible")
      : !mayRetry
        ? t("operate.retry.forbidden")
        : null;

  async function retry(): Promise<void> {
    setBusy(true);
    setRefusal(null);
    try {
      await post<Incident>(`/incidents/${encodeURIComponent(incident.id)}/retry`);
      toast({ kind: "success", text: t("operate.retry.done", { name: nameOf(incident.element_id) }) });
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      setRefusal(problemText(fault));
    } finally {
      setBusy(false);
      onChanged();
    }
  }

  return (
    <article class="banner banner-danger incident">
      <Icon name="error" />
      <div class="grow">
        <div class="row">
          <h2 class="grow">
            <button type="button" class="timeline-name" onClick={() => onSelect(incident.element_id)}>
              {incident.element_name || nameOf(incident.element_id)}
            </button>
            <span class="incident-kind">{kindWords(incident.kind)}</span>
          </h2>
          <time class="muted" dateTime={incident.created_at} title={moment(incident.created_at)}>{ago(incident.created_at)}</time>
        </div>
        <p class="incident-message">{incident.message}</p>
        {incident.detail && (
          <details>
            <summary>{t("operate.incident.detail")}</summary>
            <pre>{incident.detail}</pre>
          </details>
        )}
        {refusal && <p class="field-error" role="alert">{refusal}</p>}
        <div class="row incident-actions">
          <button type="button" class="button button-small" disabled={busy || hindrance !== null} onClick={() => void retry()}>
            <Icon name="refresh" />
            {busy ? t("operate.retry.busy") : t("operate.retry")}
          </button>
          {hindrance && <span class="muted">{hindrance}</span>}
        </div>
      </div>
    </article>
  );
}

const KINDS: Record<string, WordKey> = {
  job_failed: "operate.incident.job_failed",
  script_failed: "operate.incident.script_failed",
  condition_failed: "operate.incident.condition_failed",
  no_flow_taken: "operate.incident.no_flow_taken",
  loop_limit: "operate.incident.loop_limit",
  dead_end: "operate.incident.dead_end",
};

function kindWords(kind: string): string {
  const key = KINDS[kind];
  return key ? t(key) : kind.replaceAll("_", " ");
}
