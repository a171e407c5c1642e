// Every deployed version of one process: what ran when, to open again as a draft or to start once more.

import { get } from "../../http";
import { useLiveRecord } from "../../live_record";
import type { Page, ProcessDefinition } from "../../records";
import { Dialog } from "../../shell/dialogs";
import { Icon } from "../../shell/icons";
import { t } from "../../words";
import { ago, moment } from "../../words/times";

const MOST = 200;

interface Props {
  definition: ProcessDefinition;
  mayDraw: boolean;
  onStart: (definition: ProcessDefinition) => void;
  onClose: () => void;
}

export function VersionsDialog({ definition, mayDraw, onStart, onClose }: Props) {
  const versions = useLiveRecord<Page<ProcessDefinition>>(
    `versions:${definition.key}`,
    (signal) => get("/process-definitions", { key: definition.key, latest: false, limit: MOST }, signal),
    ["definitions"],
  );
  const items = [...(versions.data?.items ?? [])].sort((one, other) => other.version - one.version);
  return (
    <Dialog title={t("model.versions.of", { name: definition.name || definition.key })} onClose={onClose} wide>
      {versions.loading && (
        <div class="dialog-wait" aria-busy="true">
          <span class="spinner" />
        </div>
      )}
      {versions.problem && items.length === 0 && (
        <p class="banner banner-danger" role="alert">
          <Icon name="error" />
          <span>{versions.problem.status === 0 ? t("shell.unreachable") : versions.problem.message}</span>
        </p>
      )}
      <ul class="panel rows">
        {items.map((one) => (
          <li key={one.id} class="list-row">
            <span class="list-link version-name">
              <span class="chip">v{one.version}</span>
              <span class="truncate">{one.name || one.key}</span>
            </span>
            <span class="list-by muted truncate" title={moment(one.deployed_at)}>
              {t("model.deployedBy", { when: ago(one.deployed_at), who: one.deployed_by })}
            </span>
            {mayDraw && (
              <a class="button button-small" href={`/model/definition/${encodeURIComponent(one.id)}`}>
                {t("model.versions.open")}
              </a>
            )}
            <button
              type="button"
              class="button button-small button-icon"
              aria-label={t("model.versions.start", { version: one.version })}
              title={t("model.versions.start", { version: one.version })}
              onClick={() => onStart(one)}
            >
              <Icon name="play" />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
