import { accept, mapImageSchema, mapImageTypes, refuse } from "@cell-monitor/protocol";
import { imageTypeOf } from "../map/image-type.ts";
import { readBytes } from "../middleware/read-body.ts";
import { findImage, removeImage, setImage } from "../queries/map.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const maxImageBytes = 2 * 1024 * 1024;
const about = { tag: "map", path: "/api/v1/classes/:classId/map/image" } as const;
const owners = { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" } as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");
const noImage = refuse("not_found", "The class has no floor plan.");
const noPicture = refuse(
  "unsupported_media_type",
  `The body must be a picture: ${mapImageTypes.join(", ")}.`,
);

/** Digests of what the asker has already. */
function knownTo(ifNoneMatch: string | undefined): string[] {
  return Array.from((ifNoneMatch ?? "").matchAll(/"([0-9a-f]{64})"/g), ([, digest = ""]) => digest);
}

const show = defineRoute({
  ...about,
  method: "get",
  summary: "The floor plan",
  policy: { ...owners, roles: ["instructor", "ta", "admin"] },
  answer: { status: 200, contentType: "image/*", isRevalidated: true },
  async handle({ c, db, params: { classId } }) {
    const image = await findImage(db, classId, knownTo(c.req.header("if-none-match")));
    if (!image) return noImage;
    const headers = new Headers(c.res.headers);
    headers.set("etag", `"${image.digest}"`);
    // Whoever is shown it again has to ask whether they still may, and is not sent it twice.
    headers.set("cache-control", "private, no-cache");
    if (image.content === null) return new Response(null, { status: 304, headers });
    headers.set("content-type", image.content_type);
    headers.set("x-content-type-options", "nosniff");
    // Opened as a page of its own it is a picture and nothing else, whatever it may hold besides.
    headers.set("content-security-policy", "default-src 'none'; sandbox");
    return new Response(Uint8Array.fromBase64(image.content), { headers });
  },
});

const replace = defineRoute({
  ...about,
  method: "put",
  summary: "Give the class a floor plan",
  description: `The body is the picture itself: PNG, JPEG or WebP, of at most ${maxImageBytes} bytes.`,
  policy: owners,
  bodyContentType: "image/*",
  maxBodyBytes: maxImageBytes,
  answer: { status: 200, schema: mapImageSchema },
  async handle({ c, db, params: { classId } }) {
    const read = await readBytes(c, mapImageTypes, maxImageBytes);
    if (!read.ok) return read;
    const image = new Uint8Array(read.value);
    const contentType = imageTypeOf(image);
    if (contentType === undefined) return noPicture;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", image)).toHex();
    const stored = await setImage(db, classId, { contentType, content: image.toBase64(), digest });
    return stored ? accept(answered(stored, { headers: { etag: `"${digest}"` } })) : noSuchClass;
  },
});

const remove = defineRoute({
  ...about,
  method: "delete",
  summary: "Take the floor plan away; teams keep their places",
  policy: owners,
  answer: { status: 200, schema: mapImageSchema },
  async handle({ db, params: { classId } }) {
    const removed = await removeImage(db, classId);
    return removed ? accept(answered(removed)) : noImage;
  },
});

export const mapImageRoutes: readonly Route[] = [show, replace, remove];
