// A part of the app that is fetched when it is first shown.

import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { connected } from "../live";
import { t } from "../words";
import { Icon } from "./icons";

type Loader<P> = () => Promise<{ default: ComponentType<P> }>;

export function lazyPart<P extends object>(load: Loader<P>): (props: P) => VNode {
  let loaded: ComponentType<P> | null = null;
  return function LazyPart(props: P) {
    const [, setTurn] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded) return;
      load().then(
        (module) => {
          loaded = module.default;
          setTurn((turn) => turn + 1);
        },
        () => setFailed(true),
      );
    }, []);
    const Part = loaded;
    if (Part) return <Part {...props} />;
    return failed ? <LoadFailed /> : <Loading />;
  };
}

export function Loading() {
  return (
    <div class="place-loading" aria-busy="true">
      <span class="spinner" />
      <span class="visually-hidden">{t("shell.loading")}</span>
    </div>
  );
}

function LoadFailed() {
  // A browser may keep a failed import for good, so only a reload helps; here nothing has been begun that it could lose.
  useEffect(() => {
    let before = connected.peek();
    return connected.subscribe((now) => {
      if (now && !before) location.reload();
      before = now;
    });
  }, []);
  return (
    <div class="empty place-empty" role="alert">
      <Icon name="offline" />
      <h2>{t("shell.placeFailed.title")}</h2>
      <p>{t("shell.placeFailed")}</p>
      <div class="row">
        <button type="button" class="button button-primary" onClick={() => location.reload()}>
          <Icon name="refresh" />
          {t("shell.reload")}
        </button>
      </div>
    </div>
  );
}
