/** A set of small numbers, 32 to a word: what two hundred students take is seven numbers in a checkpoint or a frame. */
export type Bits = number[];

export function addBit(bits: Bits, number: number): void {
  const word = number >>> 5;
  while (bits.length <= word) bits.push(0);
  bits[word] = ((bits[word] ?? 0) | (1 << (number & 31))) >>> 0;
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let word of bits) {
    for (; word !== 0; word = (word & (word - 1)) >>> 0) count += 1;
  }
  return count;
}
