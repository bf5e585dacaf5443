import { accept, limits, refuse, type Result } from "@cell-monitor/protocol";
import type { AppContext } from "../routes/route.ts";
import * as v from "valibot";

const tooLarge = refuse(
  "body_too_large",
  `A body may have at most ${limits.batchBytes} bytes, inflated too.`,
);

/**
 * Reads a JSON body, bounded before and after inflating: what is too large is abandoned where the bound is passed,
 * not after it has been read.
 */
export async function readJson(
  c: AppContext,
  maxBytes: number = limits.batchBytes,
): Promise<Result<unknown>> {
  const [mediaType = ""] = (c.req.header("content-type") ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/json") {
    return refuse("unsupported_media_type", "The body must be application/json.");
  }
  const encoding = c.req.header("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    return refuse("unsupported_media_type", "The only content encoding taken is gzip.");
  }
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) return tooLarge;
  const { body } = c.req.raw;
  if (!body) return refuse("invalid_json", "The body is empty.");
  const sent = body.pipeThrough(boundedTo(maxBytes));
  const plain =
    encoding === "gzip"
      ? sent.pipeThrough(new DecompressionStream("gzip")).pipeThrough(boundedTo(maxBytes))
      : sent;
  return parseStream(plain);
}

/** A JSON body held against its schema. */
export async function readBody<Schema extends v.GenericSchema>(
  c: AppContext,
  schema: Schema,
): Promise<Result<v.InferOutput<Schema>>> {
  const body = await readJson(c);
  if (!body.ok) return body;
  const parsed = v.safeParse(schema, body.value);
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

class TooLargeError extends Error {}

function boundedTo(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > maxBytes) controller.error(new TooLargeError());
      else controller.enqueue(chunk);
    },
  });
}

async function parseStream(stream: ReadableStream<Uint8Array>): Promise<Result<unknown>> {
  let bytes: ArrayBuffer;
  try {
    bytes = await new Response(stream).arrayBuffer();
  } catch (error) {
    if (error instanceof TooLargeError) return tooLarge;
    return refuse("invalid_encoding", "The body could not be read or inflated.");
  }
  try {
    return accept(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes)));
  } catch {
    return refuse("invalid_json", "The body is not JSON in UTF-8.");
  }
}
