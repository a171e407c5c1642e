import type { operateEn } from "./operate.en";

export const operateDe: Record<keyof typeof operateEn, string> = {
  "operate.title": "Operate",
};
