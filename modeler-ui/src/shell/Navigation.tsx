import { useEffect, useState } from "preact/hooks";
import { get } from "../http";
import { connected, useLive } from "../live";
import type { UserTaskCounts } from "../records";
import { counted, t } from "../words";
import { AccountMenu } from "./AccountMenu";
import { Icon, Mark } from "./icons";
import { type Place, route } from "./router";
import { has } from "./session";

const entries: readonly Place[] = ["model", "inbox", "operate"];

export function Navigation() {
  const waiting = useWaitingTasks();
  return (
    <nav class="rail" aria-label={t("shell.navigation")}>
      <a class="rail-mark" href={has("analyst") ? "/model" : "/inbox"} aria-label="Signalbox">
        <Mark />
      </a>
      <ul class="rail-places">
        {entries.map((place) => (
          <li key={place}>
            <a class="rail-entry" href={`/${place}`} aria-current={route.value.place === place ? "page" : undefined}>
              <span class="rail-icon">
                <Icon name={place} />
                {place === "inbox" && waiting > 0 && (
                  <span class="count count-accent rail-count">
                    <span aria-hidden="true">{waiting > 99 ? "99+" : waiting}</span>
                    <span class="visually-hidden">{counted("shell.waiting", waiting)}</span>
                  </span>
                )}
              </span>
              {t(`shell.${place}`)}
            </a>
          </li>
        ))}
      </ul>
      <div class="rail-end">
        <Connection />
        <AccountMenu />
      </div>
    </nav>
  );
}

/** What is assigned to me or could be claimed by me; kept live. */
function useWaitingTasks(): number {
  const [counts, setCounts] = useState<UserTaskCounts | null>(null);
  const takesPart = has("participant", "operator");
  const fetchCounts = () => {
    if (!takesPart) return;
    get<UserTaskCounts>("/user-tasks/count").then(setCounts, () => undefined); // the badge is a courtesy; the Inbox tells of failures
  };
  useEffect(fetchCounts, []);
  useLive(takesPart ? ["tasks"] : [], fetchCounts);
  return counts ? counts.mine + counts.claimable : 0;
}

/** Says nothing in the first moments of a page: connecting is not yet a lost connection. */
function Connection() {
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    if (connected.value) return;
    const timer = window.setTimeout(() => setPatient(false), 2_500);
    return () => window.clearTimeout(timer);
  }, [connected.value]);
  const live = connected.value;
  const words = live ? t("shell.live") : t("shell.notLive");
  return (
    <div class="connection" role="status" data-state={live ? "live" : patient ? "connecting" : "lost"} title={words}>
      <span class="connection-lamp" />
      <span class={live || patient ? "visually-hidden" : "connection-words"}>{live || !patient ? words : ""}</span>
    </div>
  );
}
