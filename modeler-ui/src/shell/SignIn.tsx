import { useId, useRef, useState } from "preact/hooks";
import { Problem } from "../http";
import { language, languages, t } from "../words";
import { Icon, Mark } from "./icons";
import { ended, signIn, user } from "./session";
import { store } from "./stored";

export function SignIn() {
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const nameId = useId();
  const passwordId = useId();
  const faultId = useId();

  const submit = async (event: Event) => {
    event.preventDefault();
    const givenName = name.current?.value.trim() ?? "";
    const givenPassword = password.current?.value ?? "";
    if (!givenName || !givenPassword) {
      setFault(t("shell.signIn.incomplete"));
      (givenName ? password : name).current?.focus();
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      await signIn(givenName, givenPassword);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setFault(
        error.status === 0 ? t("shell.unreachable") : error.status === 401 ? t("shell.signIn.refused") : error.message,
      );
      setBusy(false);
      password.current?.select();
    }
  };

  return (
    <div class="door" role={ended.value ? undefined : "main"}>
      <div class="door-card">
        <div class="door-head">
          <Mark />
          <h1>{t("shell.signIn.title")}</h1>
          <p class="muted">{t("shell.signIn.subtitle")}</p>
        </div>
        {ended.value && !fault && (
          <p class="banner" role="status">
            <Icon name="clock" />
            <span>{t("shell.signIn.ended")}</span>
          </p>
        )}
        <form class="stack" noValidate onSubmit={(event) => void submit(event)}>
          <div class="field">
            <label for={nameId}>{t("shell.signIn.name")}</label>
            <input
              ref={name}
              id={nameId}
              name="name"
              class="input"
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              defaultValue={user.value?.name ?? ""}
              autofocus={user.value === null}
              aria-invalid={fault ? true : undefined}
              aria-describedby={fault ? faultId : undefined}
            />
          </div>
          <div class="field">
            <label for={passwordId}>{t("shell.signIn.password")}</label>
            <input
              ref={password}
              id={passwordId}
              name="password"
              type="password"
              class="input"
              autocomplete="current-password"
              autofocus={user.value !== null}
              aria-invalid={fault ? true : undefined}
              aria-describedby={fault ? faultId : undefined}
            />
          </div>
          <div role="alert" id={faultId}>
            {fault && (
              <p class="banner banner-danger">
                <Icon name="error" />
                <span>{fault}</span>
              </p>
            )}
          </div>
          <button type="submit" class="button button-primary button-block" disabled={busy}>
            {busy && <span class="spinner" />}
            {t("shell.signIn.submit")}
          </button>
        </form>
      </div>
      <div class="door-languages">
        {languages.map(({ id, name: words }) => (
          <button
            key={id}
            type="button"
            lang={id}
            class="button button-quiet button-small"
            aria-pressed={language.value === id}
            onClick={() => {
              language.value = id;
              store("language", id);
            }}
          >
            {words}
          </button>
        ))}
      </div>
    </div>
  );
}
