// Files in and out: chosen, dropped, downloaded.

import { useRef, useState } from "preact/hooks";
import { post, Problem } from "../http";
import type { Draft } from "../records";
import { mayLeave, navigate } from "../shell/router";
import { toast, toastFailure } from "../shell/toasts";
import { counted, t } from "../words";
import { nameOfFile } from "./names";
import { handOver } from "./origins";

const LARGEST = 10_000_000; // what the server takes

export function download(name: string, content: string, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Lets the person choose diagram files and opens them. */
export async function chooseFiles(): Promise<void> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = ".bpmn,.bpmn2,.xml,application/xml,text/xml";
  input.onchange = () => void openFiles([...(input.files ?? [])]);
  input.click();
}

/** One file goes on the canvas; of several each becomes a draft. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const fitting = files.filter((file) => {
    if (file.size > LARGEST) toast({ kind: "error", text: t("model.tooLarge", { file: file.name }) });
    else if (!/\.(bpmn2?|xml)$/i.test(file.name)) toast({ kind: "error", text: t("model.noDiagram", { file: file.name }) });
    else return true;
    return false;
  });
  const [first, ...others] = fitting;
  if (!first) return;
  if (others.length > 0) {
    await importDrafts(fitting);
    return;
  }
  const xml = await first.text();
  if (!(await mayLeave())) return;
  handOver({ name: diagramName(xml, first.name), xml, file: first.name });
  await navigate("/model/new", { unguarded: true });
}

/** What the drawing calls itself, if it is about one process; else what the file is called. */
function diagramName(xml: string, file: string): string {
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  const named = [...parsed.getElementsByTagNameNS("*", "process")].map((process) => process.getAttribute("name")?.trim());
  return (named.length === 1 && named[0]) || nameOfFile(file);
}

async function importDrafts(files: readonly File[]): Promise<void> {
  let imported = 0;
  for (const file of files) {
    try {
      const xml = await file.text();
      await post<Draft>("/drafts", { name: diagramName(xml, file.name), xml });
      imported += 1;
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      toastFailure(t("model.notImported", { file: file.name }), fault);
    }
  }
  if (imported > 0) toast({ kind: "success", text: counted("model.imported", imported) });
}

interface FileDrop {
  over: boolean;
  handlers: {
    onDragEnter: (event: DragEvent) => void;
    onDragOver: (event: DragEvent) => void;
    onDragLeave: (event: DragEvent) => void;
    onDrop: (event: DragEvent) => void;
  };
}

/** Files dragged over an element from outside the browser. */
export function useFileDrop(onFiles: (files: File[]) => void): FileDrop {
  const [over, setOver] = useState(false);
  const depth = useRef(0); // entering a child says "enter" before the parent says "leave"
  const fromOutside = (event: DragEvent) => Boolean(event.dataTransfer?.types.includes("Files"));
  return {
    over,
    handlers: {
      onDragEnter: (event) => {
        if (!fromOutside(event)) return;
        depth.current += 1;
        setOver(true);
      },
      onDragOver: (event) => {
        if (fromOutside(event)) event.preventDefault();
      },
      onDragLeave: (event) => {
        if (!fromOutside(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      },
      onDrop: (event) => {
        if (!fromOutside(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      },
    },
  };
}
