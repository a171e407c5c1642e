// Small choices of a person that live in this browser: language, theme, open panes. Without storage they are forgotten.

const prefix = "signalbox.";

export function stored<T extends string>(name: string, allowed: readonly T[]): T | null {
  const found = read(name);
  return allowed.find((value) => value === found) ?? null;
}

export function read(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

export function store(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
  } catch {
    // Storage may be full or forbidden; the choice then holds until the page is closed.
  }
}
