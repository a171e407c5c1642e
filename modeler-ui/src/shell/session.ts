// Who is signed in.

import { computed, signal } from "@preact/signals";
import { del, get, post, Problem, signedOut, useSession } from "../http";
import type { Role, Session, SessionUser } from "../records";

/** undefined: not asked yet; null: nobody. */
const session = signal<Session | null | undefined>(undefined);
/** Why the server could not even be asked. */
export const unreachable = signal<Problem | null>(null);

/** Stays known when the session ends under the person's hands, so that unsaved work stays on the screen. */
export const user = computed<SessionUser | null>(() => session.value?.user ?? null);
export const asked = computed(() => session.value !== undefined);
export const ended = computed(() => signedOut.value && user.value !== null);

function enter(found: Session | null): void {
  useSession(found);
  session.value = found;
  signedOut.value = found === null;
}

/** Asks the server whether this browser is signed in. */
export async function resume(): Promise<void> {
  unreachable.value = null;
  try {
    enter(await get<Session>("/session"));
  } catch (fault) {
    if (!(fault instanceof Problem)) throw fault;
    if (fault.status === 401) enter(null);
    else unreachable.value = fault;
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  enter(await post<Session>("/session", { name, password }));
}

export async function signOut(): Promise<void> {
  try {
    await del("/session");
  } catch (fault) {
    if (!(fault instanceof Problem) || fault.status !== 401) throw fault;
  }
  enter(null);
}

export function has(...roles: Role[]): boolean {
  const own = user.value?.roles ?? [];
  return own.includes("administrator") || roles.some((role) => own.includes(role));
}
