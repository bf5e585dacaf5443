import { html, raw } from "hono/html";
import { fieldsOf, typeOf } from "./schema-text.ts";
import type { Answer, Document, JsonSchema, Operation, Parameter } from "./types.ts";

type Html = ReturnType<typeof html>;

/** Kept apart, since its hash stands in the page's policy. */
export const style = `:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 14%,transparent);
--soft:color-mix(in srgb,currentColor 62%,transparent);--accent:light-dark(#3556d8,#9db2ff);
--get:light-dark(#1a7f5a,#6fd3a8);--post:light-dark(#3556d8,#9db2ff);--put:light-dark(#9a6700,#e3b341);
--delete:light-dark(#b3261e,#ff9a92)}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{font:15px/1.55 Inter,system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1.5rem;
display:grid;grid-template-columns:12rem minmax(0,1fr);gap:0 2.5rem}
header{grid-column:1/-1;border-bottom:1px solid var(--line);margin-bottom:1.5rem}
h1{font-size:1.6rem;margin:.25rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;text-transform:capitalize}
section:first-child h2{margin-top:0}
h4{margin:1rem 0 .25rem;font-size:.85rem;color:var(--soft)}
a{color:var(--accent)}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
nav ul{list-style:none;margin:0;padding:0;position:sticky;top:1rem}
nav a{display:flex;justify-content:space-between;padding:.2rem .5rem;border-radius:.4rem;text-decoration:none;
color:inherit;text-transform:capitalize}
nav a:hover{background:var(--line)}
nav small,summary span{color:var(--soft)}
details{border-top:1px solid var(--line);padding:.1rem .25rem}
details[open]{padding-bottom:1rem}
summary{cursor:pointer;display:grid;grid-template-columns:4rem minmax(0,1.3fr) minmax(0,1fr);gap:.75rem;
padding:.4rem .25rem;align-items:baseline}
summary:hover{background:var(--line)}
summary b{font:600 12px ui-monospace,monospace;text-transform:uppercase}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.delete{color:var(--delete)}
details.schema summary{display:block}
table{border-collapse:collapse;width:100%}
th,td{text-align:start;vertical-align:top;padding:.25rem .75rem .25rem 0;border-top:1px solid var(--line)}
p{white-space:pre-line;max-width:46rem}
@media(max-width:48rem){body{display:block}nav ul{display:flex;flex-wrap:wrap;position:static}
nav small{display:none}summary{grid-template-columns:4rem 1fr}summary span{grid-column:2}}`;

/** The description as a page to read: no script, and nothing from elsewhere. */
export function pageOf(document: Document): Html {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${document.info.title}: the API</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        <header>
          <h1>${document.info.title}: the API</h1>
          <p>${prose(document.info.description)}</p>
          <p><a href="/api/v1/openapi.json">The same as OpenAPI 3.1</a></p>
        </header>
        <nav>
          <ul>
            ${document.tags.map(
              ({ name }) =>
                html`<li>
                  <a href="#${idOf(name)}">${name} <small>${inChapter(operations, name).length}</small></a>
                </li>`,
            )}
            <li><a href="#schemas">schemas</a></li>
          </ul>
        </nav>
        <main>
          ${document.tags.map(
            ({ name }) =>
              html`<section>
                <h2 id="${idOf(name)}">${name}</h2>
                ${inChapter(operations, name).map(({ path, method, operation }) =>
                  operationHtml(path, method, operation),
                )}
              </section>`,
          )}
          <section>
            <h2 id="schemas">Schemas</h2>
            ${Object.entries(document.components.schemas).map(
              ([name, schema]) =>
                html`<details class="schema">
                  <summary><code>${name}</code></summary>
                  <!-- Inside, so that a link to it opens it. -->
                  <div id="schema-${name}">${schemaHtml(schema)}</div>
                </details>`,
            )}
          </section>
        </main>
      </body>
    </html>`;
}

interface Placed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function inChapter(operations: readonly Placed[], tag: string): Placed[] {
  return operations.filter(({ operation }) => operation.tags.includes(tag));
}

function idOf(tag: string): string {
  return `tag-${tag.replaceAll(" ", "-")}`;
}

/** Text with what stands between backticks as code. */
function prose(text: string): (Html | string)[] {
  return text.split("`").map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part));
}

function operationHtml(path: string, method: string, operation: Operation): Html {
  const body = Object.entries(operation.requestBody?.content ?? {});
  return html`<details id="${operation.operationId}">
    <summary>
      <b class="${method}">${method}</b> <code>${path}</code> <span>${operation.summary}</span>
    </summary>
    <p>${prose(operation.description)}</p>
    ${operation.parameters && parametersHtml(operation.parameters)}
    ${body.map(
      ([type, { schema }]) =>
        html`<h4>Body <code>${type}</code></h4>
          ${schema ? schemaHtml(schema) : ""}`,
    )}
    <h4>Answers</h4>
    <table>
      ${Object.entries(operation.responses).map(([status, answer]) => answerHtml(status, answer))}
    </table>
  </details>`;
}

function parametersHtml(parameters: readonly Parameter[]): Html {
  return html`<h4>Parameters</h4>
    <table>
      ${parameters.map(
        ({ name, in: place, required, schema, description }) =>
          html`<tr>
            <td><code>${name}</code></td>
            <td>${place}${required ? ", required" : ""}</td>
            <td>${linked(typeOf(schema))} ${prose(description ?? "")}</td>
          </tr>`,
      )}
    </table>`;
}

function answerHtml(status: string, { description, headers = {}, content = {} }: Answer): Html {
  const names = Object.keys(headers);
  return html`<tr>
    <td>${status}</td>
    <td>
      ${prose(description)}
      ${Object.entries(content).map(([type, { schema }]) => (schema ? linked(typeOf(schema)) : type))}
      ${names.length > 0 ? html`<br />Headers: ${names.join(", ")}` : ""}
    </td>
  </tr>`;
}

function schemaHtml(schema: JsonSchema): Html {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return html`<p>${linked(typeOf(schema))}</p>`;
  return html`<table>
    ${fields.map(
      ({ name, isRequired, type }) =>
        html`<tr>
          <td><code>${name}</code></td>
          <td>${isRequired ? "required" : ""}</td>
          <td>${linked(type)}</td>
        </tr>`,
    )}
  </table>`;
}

/** A type's text, with the names of schemas as links. */
function linked(type: string): (Html | string)[] {
  return type
    .split(/(#\w+)/)
    .map((part) =>
      part.startsWith("#") ? html`<a href="#schema-${part.slice(1)}">${part.slice(1)}</a>` : part,
    );
}
