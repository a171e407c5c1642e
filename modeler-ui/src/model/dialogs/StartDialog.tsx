// Starting an instance: with the process's start form where it has one, else with variables as JSON.

import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { get, post, Problem } from "../../http";
import { Fields } from "../../inbox/Fields";
import { type Answers, faultsOf, initialAnswers, serverFaults, variablesOf } from "../../inbox/fields";
import type { ProcessDefinition, ProcessInstance, Variables } from "../../records";
import { Dialog } from "../../shell/dialogs";
import { Icon } from "../../shell/icons";
import { navigate } from "../../shell/router";
import { user } from "../../shell/session";
import { read, store } from "../../shell/stored";
import { toast } from "../../shell/toasts";
import { t } from "../../words";
import { ago } from "../../words/times";
import { Editing } from "../editing";
import { parseVariables } from "../variables";

interface Props {
  /** A deployed definition, or the diagram on the canvas, of which the deployed version is started. */
  source: Editing | ProcessDefinition;
  onClose: () => void;
  onDeploy?: () => void;
}

interface Startable {
  definition: ProcessDefinition;
  /** True where the canvas shows something else than what would be started. */
  stale: boolean;
}

export function StartDialog({ source, onClose, onDeploy }: Props) {
  const [found, setFound] = useState<Startable[] | null>(
    source instanceof Editing ? null : [{ definition: source, stale: false }],
  );
  const [fault, setFault] = useState<Problem | null>(null);
  const [chosen, setChosen] = useState(0);
  useEffect(() => {
    if (!(source instanceof Editing)) return;
    startables(source).then(setFound, (error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      setFault(error);
    });
  }, []);

  if (fault || !found || found.length === 0) {
    return (
      <Dialog
        title={t("model.start.title")}
        onClose={onClose}
        {...(onDeploy ? { onSubmit: onDeploy } : {})}
        actions={
          <>
            <button type="button" class="button" onClick={onClose}>
              {t("shell.cancel")}
            </button>
            {found && onDeploy && (
              <button type="submit" class="button button-primary" autofocus>
                <Icon name="deploy" />
                {t("model.deployFirst")}
              </button>
            )}
          </>
        }
      >
        {fault ? (
          <p class="banner banner-danger" role="alert">
            <Icon name="error" />
            <span>{fault.status === 0 ? t("shell.unreachable") : fault.message}</span>
          </p>
        ) : found ? (
          <p>{t("model.start.notDeployed")}</p>
        ) : (
          <div class="dialog-wait" aria-busy="true">
            <span class="spinner" />
          </div>
        )}
      </Dialog>
    );
  }
  const picked = found[Math.min(chosen, found.length - 1)]!;
  return (
    <StartForm
      key={picked.definition.id}
      picked={picked}
      others={found.map((one) => one.definition)}
      onPick={setChosen}
      onClose={onClose}
      onDeploy={onDeploy}
    />
  );
}

async function startables(editing: Editing): Promise<Startable[]> {
  const [definitions, { xml }] = await Promise.all([editing.deployed(), editing.file()]);
  return Promise.all(
    definitions.map(async (definition) => {
      const standing = await get<string>(`/process-definitions/${encodeURIComponent(definition.id)}/xml`);
      return { definition, stale: (await editing.drawing.respelled(standing)) !== xml };
    }),
  );
}

interface FormProps {
  picked: Startable;
  others: readonly ProcessDefinition[];
  onPick: (index: number) => void;
  onClose: () => void;
  onDeploy: (() => void) | undefined;
}

function StartForm({ picked: { definition, stale }, others, onPick, onClose, onDeploy }: FormProps) {
  const id = useId();
  const fields = definition.start_fields;
  const asked = fields.length > 0;
  const remembered = `start.${user.value?.name ?? ""}.${definition.key}`;
  const [businessKey, setBusinessKey] = useState("");
  const [json, setJson] = useState(() => read(remembered) ?? "");
  const [answers, setAnswers] = useState<Answers>(() => initialAnswers(fields, {}));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const typed = useMemo(() => parseVariables(json), [json]);
  const ownFaults = tried ? faultWords(faultsOf(fields, answers)) : new Map<string, string>();
  const server = serverFaults(fields, problem?.errors ?? []);
  const faults = new Map([...server.byField, ...ownFaults]);
  const jsonFault = !asked && tried ? typed.fault : null;

  const start = async () => {
    setTried(true);
    setProblem(null);
    if (asked ? faultsOf(fields, answers).size > 0 : typed.fault) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('dialog[open] [aria-invalid="true"]')?.focus());
      return;
    }
    const variables: Variables = asked ? variablesOf(fields, answers, {}) : typed.variables;
    setBusy(true);
    try {
      const instance = await post<ProcessInstance>("/process-instances", {
        definition_id: definition.id,
        ...(businessKey.trim() ? { business_key: businessKey.trim() } : {}),
        variables,
      });
      if (!asked) store(remembered, json.trim() ? json : null);
      onClose();
      const there = `/operate/${encodeURIComponent(instance.id)}`;
      await navigate(there);
      if (location.pathname !== there) {
        // Unsaved work kept the person here; the instance runs all the same.
        toast({ kind: "success", text: t("model.started"), action: { text: t("model.started.show"), run: () => void navigate(there) } });
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={t("model.start.of", { name: definition.name || definition.key })}
      onClose={onClose}
      busy={busy}
      onSubmit={() => void start()}
      actions={
        <>
          <button type="button" class="button" disabled={busy} onClick={onClose}>
            {t("shell.cancel")}
          </button>
          <button type="submit" class="button button-primary" disabled={busy}>
            {busy ? <span class="spinner" /> : <Icon name="play" />}
            {t("model.start")}
          </button>
        </>
      }
    >
      <p class="muted">
        {t("model.start.version", { version: definition.version, when: ago(definition.deployed_at), who: definition.deployed_by })}
      </p>
      {stale && (
        <div class="banner banner-warning">
          <Icon name="warning" />
          <span class="grow">{t("model.start.stale")}</span>
          {onDeploy && (
            <button type="button" class="button button-small" onClick={onDeploy}>
              {t("model.deployFirst")}
            </button>
          )}
        </div>
      )}
      {others.length > 1 && (
        <div class="field">
          <label for={`${id}-which`}>{t("model.start.which")}</label>
          <select
            id={`${id}-which`}
            class="select"
            value={String(others.findIndex((one) => one.id === definition.id))}
            onChange={(event) => onPick(Number(event.currentTarget.value))}
          >
            {others.map((one, index) => (
              <option key={one.id} value={String(index)}>
                {one.name || one.key}
              </option>
            ))}
          </select>
        </div>
      )}
      {asked ? (
        <Fields
          fields={fields}
          answers={answers}
          variables={{}}
          faults={faults}
          disabled={busy}
          onAnswer={(name, answer) => setAnswers({ ...answers, [name]: answer })}
        />
      ) : (
        <div class="field">
          <label for={`${id}-json`}>{t("model.start.variables")}</label>
          <textarea
            id={`${id}-json`}
            class="textarea mono code"
            rows={Math.min(14, Math.max(5, json.split("\n").length))}
            wrap="off"
            spellcheck={false}
            placeholder={'{\n  "amount": 120\n}'}
            value={json}
            disabled={busy}
            aria-invalid={jsonFault ? true : undefined}
            aria-describedby={`${id}-json-hint ${id}-json-fault`}
            onInput={(event) => setJson(event.currentTarget.value)}
          />
          <p class="field-error" id={`${id}-json-fault`} role="alert">
            {jsonFault}
          </p>
          <p class="field-hint" id={`${id}-json-hint`}>
            {t("model.start.variables.hint")}
          </p>
        </div>
      )}
      <div class="field">
        <label for={`${id}-business`}>
          {t("model.start.businessKey")} <span class="faint">{t("model.optional")}</span>
        </label>
        <input
          id={`${id}-business`}
          class="input"
          maxLength={255}
          autocomplete="off"
          value={businessKey}
          disabled={busy}
          onInput={(event) => setBusinessKey(event.currentTarget.value)}
        />
      </div>
      <div role="alert">
        {problem && (server.byField.size === 0 || server.others.length > 0) && (
          <div class="banner banner-danger">
            <Icon name="error" />
            <div class="grow">
              <p>{problem.status === 0 ? t("shell.unreachable") : problem.message}</p>
              {server.others.map((words) => (
                <p key={words}>{words}</p>
              ))}
            </div>
          </div>
        )}
      </div>
    </Dialog>
  );
}

function faultWords(faults: ReturnType<typeof faultsOf>): Map<string, string> {
  return new Map([...faults].map(([name, fault]) => [name, t(`inbox.fault.${fault}`)]));
}
