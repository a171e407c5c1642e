import { signal } from "@preact/signals";
import { t } from "../words";
import { Dialog } from "./dialogs";
import { groups, keyCaps } from "./shortcuts";

const open = signal(false);

export function toggleShortcutHelp(): void {
  open.value = !open.value;
}

export function ShortcutHelp() {
  if (!open.value) return null;
  return (
    <Dialog title={t("shell.shortcuts.title")} wide onClose={toggleShortcutHelp}>
      <div class="shortcut-groups">
        {groups.value.map((group) => (
          <section key={group.title}>
            <h3>{t(group.title)}</h3>
            <dl class="shortcuts">
              {group.shortcuts.map((one) => (
                <div key={one.keys}>
                  <dt>{t(one.words)}</dt>
                  <dd>
                    {keyCaps(one.keys).map((stroke, index) => (
                      <span key={index} class="row shortcut-stroke">
                        {index > 0 && <span class="faint">{t("shell.shortcuts.then")}</span>}
                        {stroke.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
