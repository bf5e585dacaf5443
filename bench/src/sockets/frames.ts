const textOpcode = 0x1;
const closeOpcode = 0x8;
const fin = 0x80;
const masked = 0x80;
const shortMost = 125;
const mediumMark = 126;
const longMark = 127;
const mediumMost = 0xffff;
const maskBytes = 4;

/** A client's text frame. Its mask is zero, which the standard allows, so that masking costs nothing. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = headerOf(textOpcode, length);
  const frame = Buffer.allocUnsafe(header.length + length);
  header.copy(frame);
  frame.write(text, header.length);
  return frame;
}

export function closeFrame(): Buffer {
  return headerOf(closeOpcode, 0);
}

function headerOf(opcode: number, length: number): Buffer {
  const extra = length <= shortMost ? 0 : length <= mediumMost ? 2 : 8;
  const header = Buffer.alloc(2 + extra + maskBytes);
  header[0] = fin | opcode;
  header[1] = masked | (extra === 0 ? length : extra === 2 ? mediumMark : longMark);
  if (extra === 2) header.writeUInt16BE(length, 2);
  if (extra === 8) header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

export interface ServerFrame {
  readonly isText: boolean;
  readonly body: Buffer;
}

/** Cuts what a server sends into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  *read(chunk: Buffer): Generator<ServerFrame> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const cut = frameIn(bytes);
      if (cut === undefined) break;
      const { opcode, start, end } = cut;
      yield { isText: opcode === textOpcode, body: bytes.subarray(start, end) };
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}

/** Where the first frame's body lies, once it is whole. Servers do not mask; ours do not split frames either. */
function frameIn(bytes: Buffer): { opcode: number; start: number; end: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 0x0f;
  let start = 2;
  let length = second & 0x7f;
  if (length === mediumMark) {
    if (bytes.length < 4) return undefined;
    [length, start] = [bytes.readUInt16BE(2), 4];
  } else if (length === longMark) {
    if (bytes.length < 10) return undefined;
    [length, start] = [Number(bytes.readBigUInt64BE(2)), 10];
  }
  const end = start + length;
  return bytes.length < end ? undefined : { opcode, start, end };
}
