import { healthSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { templateOf } from "../src/openapi/document.ts";
import { routes } from "../src/routes/table.ts";
import { call } from "./api.ts";
import { breachesOf } from "./contract.ts";

const path = "/api/v1/openapi.json";
const documentSchema = v.looseObject({
  openapi: v.literal("3.1.1"),
  paths: v.record(v.string(), v.record(v.string(), v.looseObject({ operationId: v.string() }))),
  components: v.looseObject({ schemas: v.record(v.string(), v.unknown()) }),
});

async function served() {
  const response = await call(path);
  expect(response.headers.get("content-type")).toBe("application/json");
  return v.parse(documentSchema, await response.json());
}

describe("the API's description", () => {
  it("names every route that there is, each by an id of its own", async () => {
    const { paths } = await served();
    const described = Object.entries(paths).flatMap(([template, methods]) =>
      Object.keys(methods).map((method) => `${method} ${template}`),
    );
    const known = routes.map((route) => `${route.method} ${templateOf(route.path)}`);
    expect(described.toSorted()).toEqual(known.toSorted());
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("refers to nothing that it does not hold", async () => {
    const document = await served();
    const text = JSON.stringify(document);
    const references = Array.from(
      text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g),
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(10);
    expect(text.match(/"\$ref"/g)).toHaveLength(references.length);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining([...new Set(references)]),
    );
  });
});

describe("an answer that breaks the description is told", () => {
  const asked = (body: unknown, init: ResponseInit = {}) =>
    breachesOf("GET", "/api/v1/health", Response.json(body, init));

  it("by its status, its type, its body or a header that is missing", async () => {
    expect(await asked({ status: "healthy" })).toEqual([]);
    expect(await asked({}, { status: 418 })).toHaveLength(1);
    expect(await asked({ status: "healthy" }, { headers: { "content-type": "text/plain" } })).toHaveLength(1);
    expect(v.is(healthSchema, { status: 7 })).toBe(false);
    expect(await asked({ status: 7 })).not.toEqual([]);
    expect(await asked({ error: { code: "unavailable", message: "!" } }, { status: 503 })).toEqual([
      "get_health 503: the header Retry-After is missing",
    ]);
  });
});

describe("the page to read", () => {
  it("runs no script, takes nothing from elsewhere, and is styled by what its policy names", async () => {
    const response = await call("/api/v1/docs");
    const text = await response.text();
    const [, style = ""] = /<style>([^]*?)<\/style>/.exec(text) ?? [];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    expect(text).not.toMatch(/<script|javascript:|\son\w+=|https?:\/\//i);
  });

  it("names every route, and leads to each schema that it names", async () => {
    const text = await (await call("/api/v1/docs")).text();
    for (const { path: address } of routes) expect(text).toContain(`<code>${templateOf(address)}</code>`);
    const anchors = new Set(Array.from(text.matchAll(/id="([^"]+)"/g), ([, id]) => id));
    for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(target);
  });
});
