export const modelEn = {
  "model.title": "Diagrams",
} as const satisfies Record<string, string>;
