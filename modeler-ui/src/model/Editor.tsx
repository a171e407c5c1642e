// One diagram open for editing: fetches it, then hands it to the workbench.

import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../http";
import { Icon } from "../shell/icons";
import { Loading } from "../shell/lazy";
import type { Route } from "../shell/router";
import { t } from "../words";
import type { Editing } from "./editing";
import { fetchOrigin, type Origin, originKey } from "./origins";
import { Workbench } from "./Workbench";
import "./editor.css";

type ModelRoute = Extract<Route, { place: "model" }>;

export default function Editor({ route }: { route: ModelRoute }) {
  const key = originKey(route);
  const [held, setHeld] = useState<{ key: string; origin: Origin } | null>(null);
  const [fault, setFault] = useState<{ key: string; problem: Problem } | null>(null);
  const [turn, setTurn] = useState(0);
  const editing = useRef<Editing | null>(null);

  // A new diagram that was saved got an address of its own; it stays on the canvas as it is.
  const saved = editing.current?.draft.value;
  const same = route.page === "draft" && saved?.id === route.id && held !== null;
  const shownKey = same ? held.key : key;

  useEffect(() => {
    if (same) return undefined;
    let gone = false;
    setFault(null);
    fetchOrigin(route).then(
      (origin) => !gone && setHeld({ key, origin }),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        if (!gone) setFault({ key, problem: error });
      },
    );
    return () => {
      gone = true;
    };
  }, [shownKey, turn]);

  if (fault?.key === key) return <NotOpened problem={fault.problem} onAgain={() => setTurn(turn + 1)} />;
  if (held?.key !== shownKey) return <Loading />;
  return (
    <Workbench
      key={`${held.key}:${turn}`}
      origin={held.origin}
      onReady={(ready) => {
        editing.current = ready;
      }}
    />
  );
}

function NotOpened({ problem, onAgain }: { problem: Problem; onAgain: () => void }) {
  const missing = problem.status === 404;
  return (
    <div class="empty place-empty" role="alert">
      <Icon name={missing ? "search" : "error"} />
      <h1 class="empty-title">{t(missing ? "model.missing.title" : "model.notOpened.title")}</h1>
      <p>{missing ? t("model.missing") : problem.status === 0 ? t("shell.unreachable") : problem.message}</p>
      <div class="row">
        <a class="button" href="/model">
          {t("model.backToList")}
        </a>
        {!missing && (
          <button type="button" class="button button-primary" onClick={onAgain}>
            <Icon name="refresh" />
            {t("shell.again")}
          </button>
        )}
      </div>
    </div>
  );
}
