import { documentOf } from "../openapi/document.ts";
import { pageOf, style } from "../openapi/page.ts";
import type { Document } from "../openapi/types.ts";
import { defineOpenRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const policy = { kind: "public", because: "it says of the API what its source does" } as const;

/** A page that could do nothing even if something foreign got into it. */
async function contentSecurityPolicy(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** @param routesOf all routes, these among them */
export function documentationRoutes(routesOf: () => readonly Route[]): readonly Route[] {
  let made: Document | undefined;
  const document = () => (made ??= documentOf(routesOf()));
  return [
    defineOpenRoute({
      method: "get",
      path: "/api/v1/openapi.json",
      tag: "operations",
      summary: "This description, as OpenAPI 3.1",
      policy,
      answer: { status: 200, contentType: "application/json" },
      handle: () => Response.json(document()),
    }),
    defineOpenRoute({
      method: "get",
      path: "/api/v1/docs",
      tag: "operations",
      summary: "This description, as a page to read",
      policy,
      answer: { status: 200, contentType: "text/html" },
      handle: async ({ c }) => {
        c.header("content-security-policy", await contentSecurityPolicy());
        c.header("x-content-type-options", "nosniff");
        c.header("referrer-policy", "no-referrer");
        return c.html(pageOf(document()));
      },
    }),
  ];
}
