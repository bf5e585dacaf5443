import type { mapImageTypes } from "@cell-monitor/protocol";

type ImageType = (typeof mapImageTypes)[number];

const beginnings: readonly (readonly [ImageType, offset: number, bytes: readonly number[]])[] = [
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  // RIFF, four bytes of length, WEBP.
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
];

/** What a picture is by how it begins; what its sender calls it proves nothing. */
export function imageTypeOf(image: Uint8Array): ImageType | undefined {
  const found = beginnings.find(([, offset, bytes]) =>
    bytes.every((byte, index) => image[offset + index] === byte),
  );
  return found?.[0];
}
