import { lazyPart } from "../shell/lazy";
import { route } from "../shell/router";
import { DiagramList } from "./DiagramList";
import "./model.css";

// bpmn-js is fetched when the first diagram is opened; the list does without it.
const Editor = lazyPart(() => import("./Editor"));

export default function Model() {
  const here = route.value;
  if (here.place !== "model") return null;
  return here.page === "list" ? <DiagramList /> : <Editor route={here} />;
}
