import { mapImageSchema, mapResponseSchema } from "@cell-monitor/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { call, codeOf, newClass, newInstructor, read, type TestClass } from "../api.ts";

const png = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
);
const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10]);
const webp = new TextEncoder().encode("RIFF\u0010\0\0\0WEBPVP8 ");

let made: TestClass;
let token: string;
let root: string;

beforeEach(async () => {
  made = await newClass();
  token = (await newInstructor(made)).token;
  root = `/api/v1/classes/${made.class.id}/map`;
});

const give = (body: Uint8Array | string, type = "image/png") =>
  call(`${root}/image`, { method: "PUT", token, body, headers: { "content-type": type } });
const look = (headers = {}) => call(`${root}/image`, { token, headers });

describe("a floor plan", () => {
  it.for([
    ["image/png", png],
    ["image/jpeg", jpeg],
    ["image/webp", webp],
  ] as const)("in %s comes back as it was given", async ([type, image]) => {
    expect(await read(await give(image, type), mapImageSchema)).toMatchObject({
      content_type: type,
      bytes: image.length,
    });
    const shown = await look();
    expect(new Uint8Array(await shown.arrayBuffer())).toEqual(image);
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      "content-type": type,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "private, no-cache",
    });
  });

  it("is not sent to who has it, and is once it is another", async () => {
    await give(png);
    const etag = (await look()).headers.get("etag") ?? "";
    const again = await look({ "if-none-match": `"other", W/${etag}` });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    await give(jpeg, "image/jpeg");
    const changed = await look({ "if-none-match": etag });
    expect([changed.status, changed.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  });

  it("can be taken away", async () => {
    expect(await codeOf(await look())).toBe("not_found");
    const given = await read(await give(png), mapImageSchema);
    expect((await read(await call(root, { token }), mapResponseSchema)).image).toEqual(given);
    const remove = () => call(`${root}/image`, { method: "DELETE", token });
    expect(await read(await remove(), mapImageSchema)).toEqual(given);
    expect((await read(await call(root, { token }), mapResponseSchema)).image).toBeNull();
    expect(await codeOf(await remove())).toBe("not_found");
  });

  it.for([
    ["a drawing that could hold a script", "<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"],
    ["a drawing that calls itself a picture", "<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"],
    ["nothing", "", "image/png"],
    ["JSON", "{}", "application/json"],
  ] as const)("is not %s", async ([, body, type]) => {
    expect(await codeOf(await give(body, type))).toBe("unsupported_media_type");
  });

  it("is of two MiB at most", async () => {
    const image = new Uint8Array(2 * 1024 * 1024);
    image.set(png);
    expect((await give(image)).status).toBe(200);
    expect((await (await look()).arrayBuffer()).byteLength).toBe(image.length);
    const larger = new Uint8Array(image.length + 1);
    larger.set(png);
    expect(await codeOf(await give(larger))).toBe("body_too_large");
  });

  it("is called what it is, whatever its sender calls it", async () => {
    expect(await read(await give(png, "image/webp"), mapImageSchema)).toMatchObject({
      content_type: "image/png",
    });
  });
});
