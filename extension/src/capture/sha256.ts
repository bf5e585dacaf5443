// WebCrypto would do, were it not missing on a JupyterHub without TLS and asynchronous everywhere; a library costs four
// times as much of a page's weight as this.

/** Fractions of the first 64 primes' cube roots, and of the first 8 primes' square roots. */
const { roundConstants, initialState } = makeConstants();

function makeConstants(): { readonly roundConstants: Int32Array; readonly initialState: Int32Array } {
  const cubes: number[] = [];
  const squares: number[] = [];
  const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
  for (let candidate = 2; cubes.length < 64; candidate += 1) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) isPrime &&= candidate % divisor !== 0;
    if (!isPrime) continue;
    cubes.push(fraction(candidate ** (1 / 3)));
    squares.push(fraction(candidate ** (1 / 2)));
  }
  return { roundConstants: Int32Array.from(cubes), initialState: Int32Array.from(squares.slice(0, 8)) };
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The message with its end mark and its length in bits, in whole blocks. */
function padded(message: Uint8Array): DataView {
  const bytes = new Uint8Array(((message.length + 8) >> 6) * 64 + 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bytes.length - 8, BigInt(message.length) * 8n);
  return view;
}

/** The words of a typed array are never absent. */
function at(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}

function compress(state: Int32Array, block: DataView, offset: number, schedule: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let round = 0; round < 64; round += 1) {
    if (round < 16) schedule[round] = block.getInt32(offset + round * 4);
    else {
      const w15 = at(schedule, round - 15);
      const w2 = at(schedule, round - 2);
      const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
      const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
      schedule[round] = (at(schedule, round - 16) + s0 + at(schedule, round - 7) + s1) | 0;
    }
    const mix1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const added = (h + mix1 + choice + at(roundConstants, round) + at(schedule, round)) | 0;
    const mix2 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + added) | 0, c, b, a, (added + mix2 + majority) | 0];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries())
    state[index] = (at(state, index) + word) | 0;
}

/** SHA-256 of a text's UTF-8 form, in hex. */
export function sha256Hex(text: string): string {
  const blocks = padded(new TextEncoder().encode(text));
  const state = initialState.slice();
  const schedule = new Int32Array(64);
  for (let offset = 0; offset < blocks.byteLength; offset += 64) compress(state, blocks, offset, schedule);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
