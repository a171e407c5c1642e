import { t } from "../words";

export default function Model() {
  return <h1 class="page">{t("model.title")}</h1>;
}
