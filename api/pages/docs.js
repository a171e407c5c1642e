// The page to try the API: reads /api/openapi.json, makes a form for each call, shows the answer and the curl line.

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

let csrf = "";
let token = "";
const status = document.getElementById("session");

async function session() {
  const answer = await fetch("/api/v1/session");
  const found = answer.ok ? await answer.json() : null;
  csrf = found?.csrf_token ?? "";
  status.textContent = token ? "By token." : found ? `Signed in as ${found.user.display_name}.` : "Nobody is signed in.";
}

document.getElementById("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new FormData(event.target);
  token = given.get("token").trim();
  if (!token) {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: given.get("name"), password: given.get("password") }),
    });
    if (!answer.ok) {
      status.textContent = (await answer.json()).detail;
      return;
    }
  }
  await session();
});
// A token needs neither name nor password.
document.querySelector("#sign-in [name=token]").addEventListener("input", (event) => {
  for (const name of ["name", "password"]) event.target.form.elements[name].required = !event.target.value;
});

function example(schema, all, depth = 0) {
  if (!schema || depth > 6) return null;
  if (schema.$ref) return example(all[schema.$ref.split("/").pop()], all, depth + 1);
  if ("default" in schema) return schema.default;
  if (schema.anyOf) return example(schema.anyOf.find((option) => option.type !== "null"), all, depth + 1);
  if (schema.enum) return schema.enum[0];
  if (schema.type === "object") {
    const required = new Set(schema.required ?? []);
    return Object.fromEntries(
      Object.entries(schema.properties ?? {})
        .filter(([name, part]) => required.has(name) || part.type === "object")
        .map(([name, part]) => [name, example(part, all, depth + 1)]),
    );
  }
  if (schema.type === "array") return [example(schema.items ?? schema.prefixItems?.[0], all, depth + 1)];
  return { integer: 1, number: 1, boolean: true }[schema.type] ?? "";
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function call(path, method, operation, all) {
  const form = make("form");
  const fields = make("div", { className: "row" });
  for (const parameter of operation.parameters ?? []) {
    fields.append(
      make("label", {}, `${parameter.name}${parameter.required ? "" : " (optional)"} `, make("input", {
        name: `${parameter.in}:${parameter.name}`,
        required: parameter.required,
      })),
    );
  }
  if (fields.children.length) form.append(fields);
  const content = operation.requestBody?.content ?? {};
  const files = "multipart/form-data" in content;
  if (files) {
    form.append(make("label", {}, "Files ", make("input", { type: "file", name: "files", multiple: true, required: true })));
  } else if (operation.requestBody) {
    const text = JSON.stringify(example(content["application/json"].schema, all), null, 2);
    form.append(make("label", {}, "Body ", make("textarea", { name: "body", value: text, spellcheck: false })));
  }
  form.append(make("button", {}, "Call"));
  const shown = make("pre", { hidden: true });
  shown.setAttribute("role", "status");
  form.append(shown);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = new FormData(form);
    let url = path;
    const query = new URLSearchParams();
    for (const [name, value] of given) {
      if (name.startsWith("path:")) url = url.replace(`{${name.slice(5)}}`, encodeURIComponent(value));
      if (name.startsWith("query:") && value) query.set(name.slice(6), value);
    }
    if (String(query)) url += `?${query}`;
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    else if (method !== "get") headers["X-CSRF-Token"] = csrf;
    let body;
    let curl = `curl -X ${method.toUpperCase()} ${quoted(location.origin + url)} -H "Authorization: Bearer $TOKEN"`;
    if (files) {
      body = new FormData();
      for (const file of given.getAll("files")) {
        body.append("files", file);
        curl += ` -F ${quoted(`files=@${file.name}`)}`;
      }
    } else if (operation.requestBody) {
      body = given.get("body");
      headers["Content-Type"] = "application/json";
      curl += ` -H 'Content-Type: application/json' -d ${quoted(body)}`;
    }
    shown.hidden = false;
    shown.textContent = "…";
    try {
      const answer = await fetch(url, { method: method.toUpperCase(), headers, body });
      let text = await answer.text();
      try {
        text = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // not JSON: shown as it is
      }
      shown.textContent = `${curl}\n\n${answer.status} ${answer.statusText}\n\n${text}`;
    } catch (fault) {
      shown.textContent = `${curl}\n\n${fault}`;
    }
    if (url.endsWith("/session")) await session();
  });
  return make(
    "details",
    {},
    make(
      "summary",
      {},
      make("span", { className: "method" }, method.toUpperCase()),
      make("span", { className: "path" }, path),
      make("span", { className: "words" }, operation.summary ?? ""),
    ),
    ...(operation.description ? [make("p", { className: "words" }, operation.description)] : []),
    form,
  );
}

const openapi = await (await fetch("/api/openapi.json")).json();
const place = document.getElementById("calls");
for (const tag of openapi.tags) {
  const found = [];
  for (const [path, operations] of Object.entries(openapi.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (operation.tags?.includes(tag.name)) found.push(call(path, method, operation, openapi.components.schemas));
    }
  }
  place.append(make("section", {}, make("h2", {}, tag.name), make("p", {}, tag.description), ...found));
}
await session();
