// Names and conditions as the drawing gives them, read from its XML without starting a viewer.

const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";

export interface DrawnElement {
  id: string;
  /** The element's kind as the engine names it: "user_task". */
  kind: string;
  name: string | null;
  condition: string | null;
  target: string | null;
}

/** Every element of the diagram that has an id. */
export function drawnElements(xml: string): Map<string, DrawnElement> {
  const found = new Map<string, DrawnElement>();
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  for (const element of parsed.getElementsByTagNameNS(BPMN, "*")) {
    const id = element.getAttribute("id");
    if (!id) continue;
    const condition = [...element.children].find((child) => child.localName === "conditionExpression");
    found.set(id, {
      id,
      kind: element.localName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      name: element.getAttribute("name")?.trim() || null,
      condition: condition?.textContent?.trim() || null,
      target: element.getAttribute("targetRef"),
    });
  }
  return found;
}
