const blockBytes = 64;
/** A bit that ends the text, and its length in bits as 64 of them. */
const tailBytes = 9;

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const start = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const;

// What is marked as pure is left out of bundles that hash nothing.
/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const roundConstants = /* @__PURE__ */ new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

const encoder = /* @__PURE__ */ new TextEncoder();
// Used again by every call, since to make them takes longer than to hash a short text.
const schedule = /* @__PURE__ */ new Int32Array(64);
const hash = /* @__PURE__ */ new Int32Array(8);
let message = /* @__PURE__ */ new Uint8Array(1024);

/**
 * SHA-256 (FIPS 180-4) of a text's UTF-8 bytes, at once. Web Crypto's answers are to be awaited, which for texts as
 * short as keys costs more than to hash them here.
 */
export function sha256(text: string): Uint8Array<ArrayBuffer> {
  const length = pad(text);
  hash.set(start);
  for (let offset = 0; offset < length; offset += blockBytes) takeBlock(offset);
  const bytes = new Uint8Array(hash.byteLength);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (hash[index >> 2] ?? 0) >>> (24 - 8 * (index & 3));
  }
  return bytes;
}

/** @returns the length of the padded message, in bytes */
function pad(text: string): number {
  const mostBytes = text.length * 3 + tailBytes + blockBytes;
  if (message.length < mostBytes) message = new Uint8Array(mostBytes);
  const { written } = encoder.encodeInto(text, message);
  const length = Math.ceil((written + tailBytes) / blockBytes) * blockBytes;
  message.fill(0, written, length);
  message[written] = 0x80;
  // Of the 64 bits of the length no text needs more.
  const bits = written * 8;
  message[length - 5] = bits / 2 ** 32;
  message[length - 4] = bits >>> 24;
  message[length - 3] = bits >>> 16;
  message[length - 2] = bits >>> 8;
  message[length - 1] = bits;
  return length;
}

function takeBlock(offset: number): void {
  for (let index = 0; index < 16; index += 1) schedule[index] = wordAt(offset + index * 4);
  for (let index = 16; index < schedule.length; index += 1) {
    const early = schedule[index - 15] ?? 0;
    const late = schedule[index - 2] ?? 0;
    const sigma0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const sigma1 = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    schedule[index] = (schedule[index - 16] ?? 0) + sigma0 + (schedule[index - 7] ?? 0) + sigma1;
  }
  let a = hash[0] ?? 0;
  let b = hash[1] ?? 0;
  let c = hash[2] ?? 0;
  let d = hash[3] ?? 0;
  let e = hash[4] ?? 0;
  let f = hash[5] ?? 0;
  let g = hash[6] ?? 0;
  let h = hash[7] ?? 0;
  for (let index = 0; index < schedule.length; index += 1) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const sum1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const sum0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const next = (h + sum1 + choice + (roundConstants[index] ?? 0) + (schedule[index] ?? 0)) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + next) | 0;
    d = c;
    c = b;
    b = a;
    a = (next + sum0 + majority) | 0;
  }
  hash[0] = (hash[0] ?? 0) + a;
  hash[1] = (hash[1] ?? 0) + b;
  hash[2] = (hash[2] ?? 0) + c;
  hash[3] = (hash[3] ?? 0) + d;
  hash[4] = (hash[4] ?? 0) + e;
  hash[5] = (hash[5] ?? 0) + f;
  hash[6] = (hash[6] ?? 0) + g;
  hash[7] = (hash[7] ?? 0) + h;
}

/** The 32 bits, turned to the right. */
function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function wordAt(offset: number): number {
  const [first, second] = [message[offset] ?? 0, message[offset + 1] ?? 0];
  return (first << 24) | (second << 16) | ((message[offset + 2] ?? 0) << 8) | (message[offset + 3] ?? 0);
}
