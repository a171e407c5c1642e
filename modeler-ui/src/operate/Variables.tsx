// The variables of an instance, by scope; an operator may change them.

import { useState } from "preact/hooks";
import { post, Problem } from "../http";
import type { Json, Variable, VariableList } from "../records";
import { Dialog } from "../shell/dialogs";
import { Icon } from "../shell/icons";
import { toast } from "../shell/toasts";
import { t } from "../words";
import { problemText } from "../words/problems";
import { JsonValue } from "../values/JsonValue";

interface Props {
  instanceId: string;
  variables: readonly Variable[];
  scopeName: (elementId: string | null, scopeId: number) => string;
  mayEdit: boolean;
  onChanged: () => void;
}

interface Edit {
  scopeId: number | null;
  name: string;
  text: string;
  isNew: boolean;
}

const SEARCH_FROM = 8;

export function Variables({ instanceId, variables, scopeName, mayEdit, onChanged }: Props) {
  const [search, setSearch] = useState("");
  const [edit, setEdit] = useState<Edit | null>(null);
  const wanted = variables.filter((one) => one.name.toLowerCase().includes(search.toLowerCase()));
  const scopes = [...new Set(wanted.map((one) => one.scope_id))].sort((a, b) => a - b);

  return (
    <section class="card" aria-labelledby="variables-title">
      <div class="card-head">
        <h2 id="variables-title" class="grow">{t("operate.variables")}</h2>
        {mayEdit && (
          <button
            type="button"
            class="button button-small"
            onClick={() => setEdit({ scopeId: null, name: "", text: "", isNew: true })}
          >
            <Icon name="plus" />
            {t("operate.variables.add")}
          </button>
        )}
      </div>
      {variables.length >= SEARCH_FROM && (
        <input
          class="input"
          type="search"
          aria-label={t("operate.variables.search")}
          placeholder={t("operate.variables.search")}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {wanted.length === 0 && <p class="muted">{t("operate.variables.none")}</p>}
      {scopes.map((scope) => {
        const inScope = wanted.filter((one) => one.scope_id === scope).sort((a, b) => a.name.localeCompare(b.name));
        return (
          <div key={scope} class="scope">
            {(scopes.length > 1 || inScope[0]?.scope_element_id) && (
              <h3 class="scope-name">{scopeName(inScope[0]?.scope_element_id ?? null, scope)}</h3>
            )}
            <ul class="values">
              {inScope.map((one) => (
                <li key={one.name}>
                  <span class="values-name mono">{one.name}</span>
                  <span class="values-value">
                    <JsonValue value={one.value} />
                  </span>
                  {mayEdit && (
                    <button
                      type="button"
                      class="button button-quiet button-small values-edit"
                      aria-label={t("operate.variables.edit", { name: one.name })}
                      onClick={() =>
                        setEdit({ scopeId: scope, name: one.name, text: JSON.stringify(one.value, null, 2), isNew: false })
                      }
                    >
                      {t("operate.variables.change")}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      {edit && (
        <Editor
          instanceId={instanceId}
          edit={edit}
          taken={variables.filter((one) => one.scope_element_id === null).map((one) => one.name)}
          onClose={() => setEdit(null)}
          onSaved={onChanged}
        />
      )}
    </section>
  );
}

interface EditorProps {
  instanceId: string;
  edit: Edit;
  taken: readonly string[];
  onClose: () => void;
  onSaved: () => void;
}

function Editor({ instanceId, edit, taken, onClose, onSaved }: EditorProps) {
  const [name, setName] = useState(edit.name);
  const [text, setText] = useState(edit.text);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const parsed = parseJson(text);
  const nameFault = edit.isNew && taken.includes(name.trim()) ? t("operate.variables.taken") : null;

  async function save(): Promise<void> {
    if (!parsed.ok || !name.trim() || nameFault) return;
    setBusy(true);
    setFault(null);
    try {
      await post<VariableList>(`/process-instances/${encodeURIComponent(instanceId)}/variables`, {
        variables: { [name.trim()]: parsed.value },
        ...(edit.scopeId === null ? {} : { scope_id: edit.scopeId }),
      });
      toast({ kind: "success", text: t("operate.variables.saved", { name: name.trim() }) });
      onSaved();
      onClose();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFault(problemText(problem));
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={edit.isNew ? t("operate.variables.new") : t("operate.variables.edit", { name: edit.name })}
      busy={busy}
      onClose={onClose}
      onSubmit={() => void save()}
      actions={
        <>
          <button type="button" class="button" disabled={busy} onClick={onClose}>
            {t("shell.cancel")}
          </button>
          <button type="submit" class="button button-primary" disabled={busy || !parsed.ok || !name.trim() || nameFault !== null}>
            {t("operate.variables.save")}
          </button>
        </>
      }
    >
      {edit.isNew && (
        <div class="field">
          <label for="variable-name">{t("operate.variables.name")}</label>
          <input
            id="variable-name"
            class="input mono"
            value={name}
            autocomplete="off"
            spellcheck={false}
            autofocus
            aria-invalid={nameFault !== null}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          {nameFault && <p class="field-error">{nameFault}</p>}
        </div>
      )}
      <div class="field">
        <label for="variable-value">{t("operate.variables.value")}</label>
        <textarea
          id="variable-value"
          class="textarea mono"
          rows={8}
          spellcheck={false}
          autofocus={!edit.isNew}
          value={text}
          aria-invalid={!parsed.ok && text !== ""}
          aria-describedby="variable-fault"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p id="variable-fault" class={parsed.ok || text === "" ? "field-hint" : "field-error"}>
          {parsed.ok || text === "" ? t("operate.variables.hint") : t("operate.variables.fault", { fault: parsed.fault })}
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

type Parsed = { ok: true; value: Json } | { ok: false; fault: string };

export function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (fault) {
    return { ok: false, fault: fault instanceof Error ? fault.message : String(fault) };
  }
}
