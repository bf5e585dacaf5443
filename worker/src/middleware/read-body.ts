import { accept, limits, refuse, type Result } from "@cell-monitor/protocol";
import type { AppContext } from "../routes/route.ts";
import * as v from "valibot";

function tooLarge(maxBytes: number) {
  return refuse("body_too_large", `A body may have at most ${maxBytes} bytes, inflated too.`);
}

export function mediaTypeOf(c: AppContext): string {
  const [mediaType = ""] = (c.req.header("content-type") ?? "").split(";");
  return mediaType.trim().toLowerCase();
}

/**
 * Reads a body, bounded before and after inflating: what is too large is abandoned where the bound is passed, not after
 * it has been read.
 */
export async function readBytes(
  c: AppContext,
  mediaTypes: readonly string[],
  maxBytes: number = limits.batchBytes,
): Promise<Result<ArrayBuffer>> {
  if (!mediaTypes.includes(mediaTypeOf(c))) {
    return refuse("unsupported_media_type", `The body must be ${mediaTypes.join(" or ")}.`);
  }
  const encoding = c.req.header("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    return refuse("unsupported_media_type", "The only content encoding taken is gzip.");
  }
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) return tooLarge(maxBytes);
  const { body } = c.req.raw;
  if (!body) return accept(new ArrayBuffer(0));
  let isTooLarge = false;
  // Noted here, since a decompressor does not pass on why its input failed.
  const bounded = () => boundedTo(maxBytes, () => (isTooLarge = true));
  const sent = body.pipeThrough(bounded());
  const plain =
    encoding === "gzip" ? sent.pipeThrough(new DecompressionStream("gzip")).pipeThrough(bounded()) : sent;
  try {
    return accept(await new Response(plain).arrayBuffer());
  } catch {
    return isTooLarge
      ? tooLarge(maxBytes)
      : refuse("invalid_encoding", "The body could not be read or inflated.");
  }
}

/** Reads a JSON body. `bytes` is what it had, inflated. */
export async function readMeasured(
  c: AppContext,
  maxBytes?: number,
): Promise<Result<{ readonly json: unknown; readonly bytes: number }>> {
  const body = await readBytes(c, ["application/json"], maxBytes);
  if (!body.ok) return body;
  return body.value.byteLength === 0 ? refuse("invalid_json", "The body is empty.") : parse(body.value);
}

/** A JSON body held against its schema. */
export async function readBody<Schema extends v.GenericSchema>(
  c: AppContext,
  schema: Schema,
  maxBytes?: number,
): Promise<Result<v.InferOutput<Schema>>> {
  const body = await readMeasured(c, maxBytes);
  if (!body.ok) return body;
  const parsed = v.safeParse(schema, body.value.json);
  if (parsed.success) return accept(parsed.output);
  const details = parsed.issues.map((issue) => ({
    field: v.getDotPath(issue) ?? "",
    message: issue.message,
  }));
  return refuse(
    "invalid_body",
    `The body is not right: ${details[0]?.field ?? ""}: ${details[0]?.message ?? ""}`,
    { details },
  );
}

function boundedTo(maxBytes: number, onExceeded: () => void): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen <= maxBytes) return controller.enqueue(chunk);
      onExceeded();
      controller.error(new Error("The body is too large."));
    },
  });
}

function parse(body: ArrayBuffer): Result<{ readonly json: unknown; readonly bytes: number }> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    return accept({ json: JSON.parse(text), bytes: body.byteLength });
  } catch {
    return refuse("invalid_json", "The body is not JSON in UTF-8.");
  }
}
