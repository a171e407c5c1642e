// Names for machines made from names by people.

/** "Reise & Spesen prüfen" → "reise-spesen-pruefen": usable as a process key and in a file name. */
export function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/ä/g, "ae")
    .replace(/ö/g, "oe")
    .replace(/ü/g, "ue")
    .replace(/ß/g, "ss")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  if (!plain) return "process";
  return /^[a-z]/.test(plain) ? plain : `p-${plain}`;
}

export function fileName(name: string, ending: string): string {
  return `${slug(name)}.${ending}`;
}

/** "spesen.bpmn" → "spesen" */
export function nameOfFile(file: string): string {
  return file.replace(/\.(bpmn20?\.xml|bpmn2?|xml)$/i, "").replace(/[-_]+/g, " ").trim() || file;
}

/** An XML name without colon: what BPMN allows as an id. */
export function validId(id: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(id);
}

/** A key nobody chose: it may follow the name. */
export function generatedKey(key: string): boolean {
  return /^Process_[0-9a-z]{7}$/.test(key);
}
