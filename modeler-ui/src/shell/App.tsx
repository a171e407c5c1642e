// The frame of the app: navigation beside one place, and what lies above all places.

import { computed } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words";
import { Questions } from "./dialogs";
import { Icon } from "./icons";
import { lazyPart } from "./lazy";
import { Navigation } from "./Navigation";
import { navigate, type Place, route } from "./router";
import { asked, ended, has, resume, unreachable, user } from "./session";
import { ShortcutHelp, toggleShortcutHelp } from "./ShortcutHelp";
import { useShortcuts } from "./shortcuts";
import { SignIn } from "./SignIn";
import { Toasts } from "./toasts";

// Each place is fetched when it is first opened; the Inbox does not wait for the modeler.
const places: Record<Place, ComponentType> = {
  model: lazyPart(() => import("../model/Model")),
  inbox: lazyPart(() => import("../inbox/Inbox")),
  operate: lazyPart(() => import("../operate/Operate")),
};

export function App() {
  useEffect(() => void resume(), []);
  return (
    <>
      {user.value ? <Frame key={user.value.name} /> : <Door />}
      {ended.value && <SignInAgain />}
      <Questions />
      <Toasts />
    </>
  );
}

/** Before anybody is signed in. */
function Door() {
  if (unreachable.value) {
    return (
      <main class="door">
        <div class="empty" role="alert">
          <Icon name="offline" />
          <h2>{t("shell.unreachable.title")}</h2>
          <p>{unreachable.value.status === 0 ? t("shell.unreachable") : unreachable.value.message}</p>
          <div class="row">
            <button type="button" class="button button-primary" onClick={() => void resume()}>
              <Icon name="refresh" />
              {t("shell.again")}
            </button>
          </div>
        </div>
      </main>
    );
  }
  return asked.value ? <SignIn /> : <main class="door" aria-busy="true" />;
}

/** Over everything, without taking anything away: whoever signs in again goes on where they were. */
function SignInAgain() {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} class="door-over" aria-label={t("shell.signIn.title")} onCancel={(event) => event.preventDefault()}>
      <SignIn />
    </dialog>
  );
}

function Frame() {
  useEffect(() => {
    if (location.pathname !== "/") return;
    void navigate(has("analyst") ? "/model" : has("participant") ? "/inbox" : "/operate", { replace: true });
  }, []);
  useShortcuts("shell.shortcuts.everywhere", [
    { keys: "g m", words: "shell.shortcuts.model", run: () => void navigate("/model") },
    { keys: "g i", words: "shell.shortcuts.inbox", run: () => void navigate("/inbox") },
    { keys: "g o", words: "shell.shortcuts.operate", run: () => void navigate("/operate") },
    { keys: "?", words: "shell.shortcuts.help", run: toggleShortcutHelp },
  ]);
  return (
    <div class="frame">
      <a class="skip" href="#place" onClick={skipToPlace}>
        {t("shell.skip")}
      </a>
      <Navigation />
      <main id="place" class="place" tabIndex={-1}>
        <CurrentPlace />
      </main>
      <ShortcutHelp />
    </div>
  );
}

function skipToPlace(event: Event): void {
  event.preventDefault();
  document.getElementById("place")?.focus();
}

const shownPlace = computed(() => route.value.place);

function CurrentPlace() {
  const place = shownPlace.value;
  if (place !== "unknown") {
    const Shown = places[place];
    return <Shown />;
  }
  return (
    <div class="empty place-empty">
      <Icon name="search" />
      <h2>{t("shell.unknown.title")}</h2>
      <p>{t("shell.unknown")}</p>
      <div class="row">
        <a class="button button-primary" href="/model">
          {t("shell.unknown.home")}
        </a>
      </div>
    </div>
  );
}
