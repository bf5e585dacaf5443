import { html, raw } from "hono/html";
import { fieldsOf, typeOf } from "./schema-text.ts";
import type { Answer, Document, JsonSchema, Operation, Parameter } from "./types.ts";

type Html = ReturnType<typeof html>;

/** Kept apart, since its hash stands in the page's policy. */
export const style = `:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent)}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
article,details{border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem;margin:.75rem 0}
summary{cursor:pointer}
summary b{display:inline-block;min-width:4.5rem;text-transform:uppercase}
table{border-collapse:collapse;width:100%}
th,td{text-align:start;vertical-align:top;padding:.25rem .75rem .25rem 0;border-top:1px solid var(--line)}
p{white-space:pre-line}`;

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
        <h1>${document.info.title}: the API</h1>
        <p>${prose(document.info.description)}</p>
        <p><a href="/api/v1/openapi.json">The same as OpenAPI</a></p>
        <nav>
          <ul>
            ${document.tags.map(({ name }) => html`<li><a href="#${idOf(name)}">${name}</a></li>`)}
          </ul>
        </nav>
        <main>
          ${document.tags.map(
            ({ name }) =>
              html`<section>
                <h2 id="${idOf(name)}">${name}</h2>
                ${operations
                  .filter(({ operation }) => operation.tags.includes(name))
                  .map(({ path, method, operation }) => operationHtml(path, method, operation))}
              </section>`,
          )}
          <section>
            <h2>Schemas</h2>
            ${Object.entries(document.components.schemas).map(
              ([name, schema]) =>
                html`<article id="schema-${name}">
                  <h3><code>${name}</code></h3>
                  ${schemaHtml(schema)}
                </article>`,
            )}
          </section>
        </main>
      </body>
    </html>`;
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
    <summary><b>${method}</b> <code>${path}</code> — ${operation.summary}</summary>
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
