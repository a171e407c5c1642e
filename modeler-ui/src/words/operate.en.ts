export const operateEn = {
  "operate.title": "Operate",
} as const satisfies Record<string, string>;
