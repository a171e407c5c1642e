// What can be said about an element: a table of sections, each of which says to what it applies. Only what the engine
// runs stands in it.

import { activities } from "./activities";
import { first, last } from "./basics";
import { eventSections, interruption, several } from "./events";
import type { Section, Subject } from "./fields";
import { flows } from "./flows";

/** The sections of an element, in the order in which they are shown. */
export function sectionsOf(subject: Subject): Section[] {
  return [...first, several, ...eventSections(subject), interruption, ...flows, ...activities, ...last].filter((section) =>
    section.applies(subject),
  );
}
