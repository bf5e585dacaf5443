import { promisify } from "node:util";
import { gunzip } from "node:zlib";

export interface InflateProblem {
  readonly status: 400 | 413 | 415;
  readonly code: string;
  readonly message: string;
}

/** A body's text, at most `MAX_TEXT_BYTES` of it however small it was packed. */
export async function inflate(
  body: Uint8Array<ArrayBuffer>,
  encoding: string | undefined,
): Promise<string | InflateProblem> {
  if (encoding !== undefined && encoding !== "gzip" && encoding !== "identity") {
    return { status: 415, code: "invalid", message: `the content encoding ${encoding} is not supported` };
  }
  try {
    const bytes = encoding === "gzip" ? await unzip(body, { maxOutputLength: MAX_TEXT_BYTES }) : body;
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) {
      return { status: 413, code: "request too large", message: `the points exceed ${MAX_TEXT_BYTES} bytes` };
    }
    if (error instanceof TypeError)
      return { status: 400, code: "invalid", message: "the points are not UTF-8" };
    return { status: 400, code: "invalid", message: "the body is not gzip" };
  }
}

const unzip = promisify(gunzip);
const MAX_TEXT_BYTES = 50 * 1024 * 1024;
