import { limits } from "@cell-monitor/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, codeOf, expectStillTaken, newClass, newEvent, newStudent, post, refusalOf } from "./api.ts";

let token: string;
let classId: string;

beforeEach(async () => {
  const made = await newClass();
  classId = made.class.id;
  ({ token } = await newStudent(made));
});

// Whatever was refused before, nothing else is lost.
afterEach(() => expectStillTaken(classId, token));

const send = (body: unknown, headers: Record<string, string> = {}) =>
  call("/api/v1/events", { token, body, headers });
const bytesOf = (text: string) => new TextEncoder().encode(text);

function streamOf(bytes: Uint8Array, chunkBytes = 65_536): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(sent, sent + chunkBytes));
      sent += chunkBytes;
    },
  });
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = streamOf(bytes).pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** An event's JSON, filled with blanks to so many bytes. */
function padded(bytes: number): Uint8Array {
  return bytesOf(JSON.stringify(newEvent()).padEnd(bytes));
}

/** A batch that does not compress. */
function noisy(bytes: number): Uint8Array {
  const noise = new Uint8Array(bytes);
  for (let start = 0; start < bytes; start += 65_536)
    crypto.getRandomValues(noise.subarray(start, start + 65_536));
  return noise;
}

describe("a body that is no JSON", () => {
  it.for<[string, string | Uint8Array]>([
    ["nothing", ""],
    ["half an object", '{"v":1,"events":['],
    ["text", "hello"],
    ["JSON with more behind it", "[]]"],
    ["a comma too much", '[{"a":1},]'],
    ["a bare NaN", '{"eventType":"activity","x":NaN}'],
    ["a byte that is no UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["half a character", new Uint8Array([0x22, 0xe5, 0xad, 0x22])],
    ["a surrogate in UTF-8", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00])],
    ["20,000 brackets that open", "[".repeat(20_000)],
  ])("is refused: %s", async ([, body]) => {
    expect(await codeOf(await send(body))).toBe("invalid_json");
  });

  it("is refused when there is no body at all", async () => {
    const headers = { "content-type": "application/json" };
    expect(await codeOf(await call("/api/v1/events", { method: "POST", token, headers }))).toBe(
      "invalid_json",
    );
  });
});

describe("a body that is JSON but no list of events", () => {
  it.for<[string, unknown]>([
    ["a text", '"events"'],
    ["null", "null"],
    ["an empty object", {}],
    ["an empty list", []],
    ["an empty envelope", { v: 1, events: [] }],
    ["an envelope of version 2", { v: 2, events: [newEvent()] }],
    ["an envelope with one event for a list", { v: 1, events: newEvent() }],
  ])("is refused as a wrong envelope: %s", async ([, body]) => {
    expect(await codeOf(await send(body))).toBe("invalid_body");
  });

  it.for([20_000, 1_000_000])("is refused as %i brackets, one in the other", async (count) => {
    const refusal = await refusalOf(await send("[".repeat(count / 2) + "]".repeat(count / 2)));
    expect(refusal).toMatchObject({
      code: "no_good_event",
      details: { rejected: [{ index: 0, code: "invalid_event" }] },
    });
  });
});

describe("a body's size", () => {
  it("may be 1 MiB", async () => {
    expect((await send(padded(limits.batchBytes))).status).toBe(200);
    expect((await send(streamOf(padded(limits.batchBytes)))).status).toBe(200);
  });

  it("may not be a byte more, whether or not its length is told", async () => {
    const body = padded(limits.batchBytes + 1);
    expect(await codeOf(await send(body, { "content-length": String(body.length) }))).toBe("body_too_large");
    expect(await codeOf(await send(streamOf(body)))).toBe("body_too_large");
  });

  it("is believed by what arrives, not by what was told", async () => {
    const body = streamOf(padded(limits.batchBytes + 1));
    expect(await codeOf(await send(body, { "content-length": "10" }))).toBe("body_too_large");
  });

  it("may be 100 events and not 101", async () => {
    const events = Array.from({ length: 100 }, () => newEvent());
    expect(await post(token, events)).toMatchObject({ accepted: 100 });
    expect(await codeOf(await send([...events, newEvent()]))).toBe("too_many_events");
    expect(await codeOf(await send({ v: 1, events: [...events, newEvent()] }))).toBe("too_many_events");
  });
});

describe("a gzipped body", () => {
  const gzipped = { "content-encoding": "gzip" };

  it("is taken, up to 1 MiB inflated", async () => {
    expect((await send(await gzip(bytesOf(JSON.stringify([newEvent()]))), gzipped)).status).toBe(200);
    expect((await send(await gzip(padded(limits.batchBytes)), { "content-encoding": "GZIP" })).status).toBe(
      200,
    );
  });

  it("is refused a byte above that, and as a bomb that is small until inflated", async () => {
    expect(await codeOf(await send(await gzip(padded(limits.batchBytes + 1)), gzipped))).toBe(
      "body_too_large",
    );
    const bomb = await gzip(new Uint8Array(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(limits.batchBytes);
    expect(await codeOf(await send(bomb, gzipped))).toBe("body_too_large");
    expect(await codeOf(await send(streamOf(bomb), gzipped))).toBe("body_too_large");
  });

  it("is refused as too large when it is so before inflating", async () => {
    const packed = await gzip(noisy(limits.batchBytes + 1));
    expect(await codeOf(await send(packed, gzipped))).toBe("body_too_large");
    expect(await codeOf(await send(streamOf(packed), gzipped))).toBe("body_too_large");
  });

  it.for<[string, (good: Uint8Array) => Uint8Array]>([
    ["is not gzip", () => bytesOf("[]")],
    ["ends early", (good) => good.subarray(0, -9)],
    ["has a wrong checksum", (good) => good.with(good.length - 6, (good.at(-6) ?? 0) ^ 1)],
    ["has more behind it", (good) => new Uint8Array([...good, 1, 2, 3])],
    ["is empty", () => new Uint8Array()],
  ])("is refused when it %s", async ([, spoil]) => {
    const good = await gzip(bytesOf(JSON.stringify([newEvent()])));
    expect(await codeOf(await send(spoil(good), gzipped))).toMatch(/^invalid_(?:encoding|json)$/);
  });

  it("that is not told to be one is no JSON", async () => {
    expect(await codeOf(await send(await gzip(bytesOf("[]"))))).toBe("invalid_json");
  });
});

describe("a body of another kind", () => {
  it.for([
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "application/jsonp" },
    { "content-type": "" },
    { "content-encoding": "br" },
    { "content-encoding": "gzip, gzip" },
    { "content-encoding": "deflate" },
  ])("is refused: %j", async (headers) => {
    expect(await codeOf(await send([newEvent()], headers))).toBe("unsupported_media_type");
  });

  it("is taken with a character set that changes nothing", async () => {
    const response = await send([newEvent()], { "content-type": "Application/JSON; charset=utf-8" });
    expect(response.status).toBe(200);
  });
});
