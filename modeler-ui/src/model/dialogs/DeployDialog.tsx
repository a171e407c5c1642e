// Deploying: stays open until the server has answered, and says what it said.

import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../http";
import type { Deployment, ProcessDefinition } from "../../records";
import { Dialog } from "../../shell/dialogs";
import { Icon } from "../../shell/icons";
import { counted, t } from "../../words";
import { ago } from "../../words/times";
import { text } from "../canvas/moddle";
import type { Editing } from "../editing";
import { ProblemRows, titleOf } from "../ProblemList";

interface Props {
  editing: Editing;
  onConflict: () => void;
  onClose: () => void;
  onStart: () => void;
  onSelect: (elementId: string) => void;
}

type Stage = "ready" | "saving" | "deploying" | "done";

export function DeployDialog({ editing, onConflict, onClose, onStart, onSelect }: Props) {
  const [stage, setStage] = useState<Stage>("ready");
  const [fault, setFault] = useState<Problem | null>(null);
  const [deployment, setDeployment] = useState<Deployment | null>(null);
  const standing = useStanding(editing);
  const { errors, warnings } = editing.counts.value;
  const busy = stage === "saving" || stage === "deploying";
  const checking = editing.checked.value === "waiting";

  const deploy = async () => {
    setFault(null);
    try {
      if (editing.dirty.value || !editing.draft.value) {
        setStage("saving");
        if ((await editing.save()) === "conflict") {
          onConflict();
          return;
        }
      }
      setStage("deploying");
      setDeployment(await editing.deploy());
      setStage("done");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setFault(error);
      setStage("ready");
    }
  };

  if (deployment) {
    return (
      <Dialog
        key="done"
        title={t(deployment.created ? "model.deployDone.title" : "model.deploySame.title")}
        onClose={onClose}
        onSubmit={onStart}
        actions={
          <>
            <button type="button" class="button" onClick={onClose}>
              {t("shell.close")}
            </button>
            <button type="submit" class="button button-primary" autofocus>
              <Icon name="play" />
              {t("model.startNow")}
            </button>
          </>
        }
      >
        <div class="banner banner-success" role="status">
          <Icon name="check" />
          <span>{t(deployment.created ? "model.deployDone" : "model.deploySame")}</span>
        </div>
        <ul class="deployed-list">
          {deployment.definitions.map((definition) => (
            <li key={definition.id} class="row">
              <strong class="truncate">{definition.name || definition.key}</strong>
              <span class="chip">{t("model.version", { version: definition.version })}</span>
              <code class="faint truncate">{definition.key}</code>
            </li>
          ))}
        </ul>
        {deployment.problems.length > 0 && (
          <ProblemRows
            problems={deployment.problems}
            title={(problem) => titleOf(editing, problem)}
            onSelect={(problem) => problem.element_id && onSelect(problem.element_id)}
          />
        )}
      </Dialog>
    );
  }

  const problems = editing.problems.value;
  return (
    <Dialog
      key="ready"
      title={t("model.deploy.title", { name: editing.name.value })}
      onClose={onClose}
      busy={busy}
      wide={problems.length > 0}
      onSubmit={() => void deploy()}
      actions={
        <>
          <button type="button" class="button" disabled={busy} onClick={onClose}>
            {t("shell.cancel")}
          </button>
          <button type="submit" class="button button-primary" disabled={busy || errors > 0} autofocus>
            {busy ? <span class="spinner" /> : <Icon name="deploy" />}
            {t(stage === "saving" ? "model.saving" : stage === "deploying" ? "model.deploying" : "model.deploy")}
          </button>
        </>
      }
    >
      <p class="muted">{t("model.deploy.explain")}</p>
      <ul class="deployed-list">
        {editing.drawing.processes().map(({ process }) => (
          <Standing
            key={process.id}
            name={text(process, "name") || process.id || ""}
            processKey={process.id ?? ""}
            standing={standing === undefined ? undefined : (standing.find((one) => one.key === process.id) ?? null)}
          />
        ))}
      </ul>
      <div role="alert">
        {fault && (
          <div class="banner banner-danger">
            <Icon name="error" />
            <div class="grow">
              <strong>{t(fault.status === 422 ? "model.deployRefused" : "model.notDeployed")}</strong>
              <p>{fault.status === 0 ? t("shell.unreachable") : fault.message}</p>
              {fault.requestId && <p class="faint">{t("model.requestId", { id: fault.requestId })}</p>}
            </div>
          </div>
        )}
      </div>
      {errors > 0 && !fault && (
        <p class="banner banner-danger">
          <Icon name="error" />
          <span>{counted("model.deploy.blocked", errors)}</span>
        </p>
      )}
      {errors === 0 && warnings > 0 && (
        <p class="banner banner-warning">
          <Icon name="warning" />
          <span>{counted("model.deploy.warned", warnings)}</span>
        </p>
      )}
      {checking && <p class="faint">{t("model.checking")}</p>}
      {problems.length > 0 && (
        <ProblemRows
          problems={problems}
          title={(problem) => titleOf(editing, problem)}
          onSelect={(problem) => problem.element_id && !busy && onSelect(problem.element_id)}
        />
      )}
    </Dialog>
  );
}

/** undefined: not known yet. */
function useStanding(editing: Editing): ProcessDefinition[] | undefined {
  const [standing, setStanding] = useState<ProcessDefinition[] | undefined>(undefined);
  useEffect(() => {
    editing.deployed().then(setStanding, () => setStanding(undefined)); // only tells more; deploying does without it
  }, []);
  return standing;
}

interface StandingProps {
  name: string;
  processKey: string;
  standing: ProcessDefinition | null | undefined;
}

function Standing({ name, processKey, standing }: StandingProps) {
  return (
    <li>
      <div class="row">
        <strong class="truncate">{name}</strong>
        {standing !== undefined && (
          <span class="chip chip-accent">
            {standing
              ? t("model.deploy.next", { now: standing.version, next: standing.version + 1 })
              : t("model.version", { version: 1 })}
          </span>
        )}
        <code class="faint truncate">{processKey}</code>
      </div>
      {standing && (
        <p class="field-hint">{t("model.deploy.before", { version: standing.version, when: ago(standing.deployed_at), who: standing.deployed_by })}</p>
      )}
    </li>
  );
}
