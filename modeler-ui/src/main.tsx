import { render } from "preact";
import { App } from "./shell/App";
import "./theme.css";
import "./shell/shell.css";

render(<App />, document.getElementById("app")!);
