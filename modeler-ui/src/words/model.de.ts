import type { modelEn } from "./model.en";

export const modelDe: Record<keyof typeof modelEn, string> = {
  "model.title": "Diagramme",
};
