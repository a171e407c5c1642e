// Drawings of deployed definitions. A definition never changes, so each drawing is fetched once.

import { useEffect, useState } from "preact/hooks";
import { get, Problem } from "../http";

const fetched = new Map<string, Promise<string>>();
const KEPT = 20;

function definitionXml(id: string): Promise<string> {
  let found = fetched.get(id);
  if (!found) {
    found = get<string>(`/process-definitions/${encodeURIComponent(id)}/xml`);
    fetched.set(id, found);
    found.catch(() => fetched.delete(id));
    if (fetched.size > KEPT) fetched.delete(fetched.keys().next().value ?? "");
  }
  return found;
}

/** The drawing of a definition; `refused` where it cannot be had. */
export function useDefinitionXml(id: string | undefined): { xml: string | undefined; refused: boolean } {
  const [held, setHeld] = useState<{ id: string; xml: string | undefined; refused: boolean } | null>(null);
  useEffect(() => {
    if (!id) return;
    let gone = false;
    definitionXml(id).then(
      (xml) => !gone && setHeld({ id, xml, refused: false }),
      (fault: unknown) => {
        if (!(fault instanceof Problem)) throw fault;
        if (!gone) setHeld({ id, xml: undefined, refused: true });
      },
    );
    return () => {
      gone = true;
    };
  }, [id]);
  return held && held.id === id ? held : { xml: undefined, refused: false };
}
