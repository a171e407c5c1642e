// Operate: all instances, or one of them.

import { route } from "../shell/router";
import { InstanceList } from "./InstanceList";
import { InstanceView } from "./InstanceView";
import "./operate.css";

export default function Operate() {
  const id = route.value.place === "operate" ? route.value.id : null;
  return id ? <InstanceView key={id} id={id} /> : <InstanceList />;
}
