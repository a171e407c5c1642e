// bpmn-js speaks English; what it still says itself in our trimmed palette and menus is put into the user's language.

import { language } from "../../words";

const german: Record<string, string> = {
  "Activate hand tool": "Hand: Zeichnung verschieben",
  "Activate lasso tool": "Lasso: mehrere Elemente wählen",
  "Activate create/remove space tool": "Platz schaffen oder wegnehmen",
  "Activate global connect tool": "Elemente verbinden",
  "Create pool/participant": "Pool zeichnen",
  "Add lane above": "Lane darüber einfügen",
  "Add lane below": "Lane darunter einfügen",
  "Divide into two lanes": "In zwei Lanes teilen",
  "Divide into three lanes": "In drei Lanes teilen",
  "Add text annotation": "Anmerkung anfügen",
  "Connect to other element": "Mit anderem Element verbinden",
  "Connect using association": "Mit Assoziation verbinden",
  "Change element": "Element ändern",
  Delete: "Löschen",
  "Align elements": "Elemente ausrichten",
  "Align elements left": "Links ausrichten",
  "Align elements right": "Rechts ausrichten",
  "Align elements center": "Waagerecht zentrieren",
  "Align elements top": "Oben ausrichten",
  "Align elements bottom": "Unten ausrichten",
  "Align elements middle": "Senkrecht zentrieren",
  "Distribute elements horizontally": "Waagerecht verteilen",
  "Distribute elements vertically": "Senkrecht verteilen",
  "Search in diagram": "In der Zeichnung suchen",
  "Toggle non-interrupting": "Unterbrechend oder nicht",
  "Open {element}": "{element} öffnen",
  Search: "Suchen",
  "Append receive task": "Empfangsaufgabe anfügen",
  "Append message intermediate catch event": "Nachrichten-Zwischenereignis anfügen",
  "Append timer intermediate catch event": "Zeit-Zwischenereignis anfügen",
  "Append conditional intermediate catch event": "Bedingungs-Zwischenereignis anfügen",
  "Append signal intermediate catch event": "Signal-Zwischenereignis anfügen",
  "Append compensation activity": "Aktivität zum Zurücknehmen anfügen",
  "Parallel multi-instance": "Mehrmals, alle gleichzeitig",
  "Sequential multi-instance": "Mehrmals, nacheinander",
  Loop: "Schleife",
  Collection: "Liste",
  "Sequence flow": "Sequenzfluss",
  "Default flow": "Standardfluss",
  "Conditional flow": "Bedingter Fluss",
  "Expanded pool/participant": "Aufgeklappter Pool",
  "Empty pool/participant": "Leerer Pool",
  "Empty pool/participant (removes content)": "Leerer Pool (entfernt den Inhalt)",
};

function translate(words: string, given: Record<string, string> = {}): string {
  const said = language.value === "de" ? (german[words] ?? words) : words;
  return said.replace(/\{([^}]+)\}/g, (all, name: string) => given[name] ?? all);
}

export const translated = { translate: ["value", translate] };
