// Names and conditions as the drawing gives them, read from its XML without starting a viewer.

import { kindOf } from "../elements";

const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";

export interface DrawnElement {
  id: string;
  /** The element's kind as the engine names it: "user_task". */
  kind: string;
  name: string | null;
  condition: string | null;
  target: string | null;
  /** The activity that it undoes, if it is a compensation handler. */
  undoes: string | null;
}

/** Every element of the diagram that has an id. */
export function drawnElements(xml: string): Map<string, DrawnElement> {
  const found = new Map<string, DrawnElement>();
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  const undone = handled(parsed);
  for (const element of parsed.getElementsByTagNameNS(BPMN, "*")) {
    const id = element.getAttribute("id");
    if (!id) continue;
    const condition = [...element.children].find((child) => child.localName === "conditionExpression");
    found.set(id, {
      id,
      kind: kindOf(element.localName, definitions(element), element.getAttribute("triggeredByEvent") === "true"),
      name: element.getAttribute("name")?.trim() || null,
      condition: condition?.textContent?.trim() || null,
      target: element.getAttribute("targetRef"),
      undoes: undone.get(id) ?? null,
    });
  }
  return found;
}

function definitions(element: Element): string[] {
  return [...element.children].map((child) => child.localName).filter((name) => name.endsWith("EventDefinition"));
}

/** Compensation handler → the activity that it undoes: an association leads from the event on the activity to it. */
function handled(parsed: Document): Map<string, string> {
  const found = new Map<string, string>();
  const hosts = new Map(
    [...parsed.getElementsByTagNameNS(BPMN, "boundaryEvent")]
      .filter((event) => definitions(event).includes("compensateEventDefinition"))
      .map((event) => [event.getAttribute("id"), event.getAttribute("attachedToRef")]),
  );
  for (const association of parsed.getElementsByTagNameNS(BPMN, "association")) {
    const host = hosts.get(association.getAttribute("sourceRef"));
    const handler = association.getAttribute("targetRef");
    if (host && handler) found.set(handler, host);
  }
  return found;
}
