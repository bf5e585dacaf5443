import { expect, test } from "vitest";

import { FrameReader, textFrame } from "../src/sockets/frames.ts";

/** As a server sends it: without a mask. */
function fromServer(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header =
    length < 126
      ? Buffer.from([0x81, length])
      : length < 65_536
        ? Buffer.from([0x81, 126, length >> 8, length & 0xff])
        : Buffer.from([0x81, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff]);
  return Buffer.concat([header, Buffer.from(text)]);
}

const texts = ["", "short", "é".repeat(100), "x".repeat(125), "x".repeat(126), "y".repeat(70_000)];

test.each([1, 7, 4_096, 1_000_000])("frames are read whole from pieces of %i bytes", (size) => {
  const bytes = Buffer.concat(texts.map(fromServer));
  const reader = new FrameReader();
  const read: string[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    for (const { isText, body } of reader.read(bytes.subarray(start, start + size))) {
      if (isText) read.push(body.toString());
    }
  }
  expect(read).toEqual(texts);
});

test.each(texts)("a frame holds its text, masked with zeros: %#", (text) => {
  const frame = textFrame(text);
  const length = Buffer.byteLength(text);
  expect(frame[0]).toBe(0x81);
  expect((frame[1] ?? 0) & 0x80).toBe(0x80);
  expect(frame.subarray(frame.length - length).toString()).toBe(text);
  expect([...frame.subarray(frame.length - length - 4, frame.length - length)]).toEqual([0, 0, 0, 0]);
});
