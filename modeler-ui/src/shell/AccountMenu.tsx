import { language, type Language, languages, t } from "../words";
import { Icon } from "./icons";
import { Menu, MenuItem, MenuTitle } from "./Menu";
import { navigate } from "./router";
import { signOut, user } from "./session";
import { toggleShortcutHelp } from "./ShortcutHelp";
import { store } from "./stored";
import { chooseTheme, theme, themes } from "./theme";
import { toastFailure } from "./toasts";

const themeIcons = { system: "system", light: "sun", dark: "moon" } as const;

function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  store("language", chosen);
}

function initials(name: string): string {
  const parts = name.trim().split(/[\s._-]+/);
  return ((parts[0]?.[0] ?? "") + (parts.length > 1 ? (parts.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

export function AccountMenu() {
  const who = user.value;
  if (!who) return null;
  const leave = async () => {
    // Unsaved work is asked about first, as with every other way out of a place.
    await navigate("/model");
    if (location.pathname !== "/model") return;
    await signOut().catch((fault: unknown) => toastFailure(t("shell.signOutFailed"), fault));
  };
  return (
    <Menu
      label={t("shell.account", { name: who.display_name })}
      buttonClass="avatar"
      side="beside"
      button={<span aria-hidden="true">{initials(who.display_name || who.name)}</span>}
    >
      <div class="menu-person" role="presentation">
        <strong class="truncate">{who.display_name}</strong>
        <span class="muted truncate">{[who.name, ...who.groups].join(" · ")}</span>
      </div>
      <hr />
      <MenuTitle>{t("shell.theme")}</MenuTitle>
      {themes.map((one) => (
        <MenuItem
          key={one}
          icon={<Icon name={themeIcons[one]} />}
          chosen={theme.value === one}
          onSelect={() => chooseTheme(one)}
          hint={theme.value === one && <Icon name="check" />}
        >
          {t(`shell.theme.${one}`)}
        </MenuItem>
      ))}
      <hr />
      <MenuTitle>{t("shell.language")}</MenuTitle>
      {languages.map(({ id, name }) => (
        <MenuItem
          key={id}
          icon={<span class="menu-lang" aria-hidden="true">{id}</span>}
          chosen={language.value === id}
          onSelect={() => chooseLanguage(id)}
          hint={language.value === id && <Icon name="check" />}
        >
          <span lang={id}>{name}</span>
        </MenuItem>
      ))}
      <hr />
      <MenuItem icon={<Icon name="keyboard" />} onSelect={toggleShortcutHelp} hint={<kbd>?</kbd>}>
        {t("shell.shortcuts.title")}
      </MenuItem>
      <MenuItem icon={<Icon name="external" />} onSelect={() => window.open("/api/docs", "_blank", "noopener")}>
        {t("shell.apiDocs")}
      </MenuItem>
      <hr />
      <MenuItem icon={<Icon name="signOut" />} onSelect={() => void leave()}>
        {t("shell.signOut")}
      </MenuItem>
    </Menu>
  );
}
