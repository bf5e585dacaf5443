import * as v from "valibot";

/** What is read of a message between front end and kernel, whatever JupyterLab's version calls its type. */
export interface KernelMessage {
  readonly channel: string;
  readonly header: { readonly msg_id: string; readonly msg_type: string; readonly date?: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly metadata: { readonly [key: string]: unknown };
  readonly content: unknown;
}

// Kernels come in many languages; a field that isn't what it should be is as good as absent.
const count = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const text = v.fallback(v.optional(v.string()), undefined);

const inputSchema = v.object({ execution_count: count });

const replySchema = v.object({
  status: v.fallback(v.picklist(["ok", "error", "aborted", "abort"]), "ok"),
  execution_count: count,
  ename: text,
  evalue: text,
  traceback: v.fallback(v.array(v.string()), []),
});

const streamSchema = v.object({ name: v.string(), text: v.string() });
const displaySchema = v.object({ data: v.record(v.string(), v.unknown()) });
const statusSchema = v.object({ execution_state: v.string() });
const noReply = { status: "ok", traceback: [] } as const;

export interface ExecuteReply {
  readonly status: "ok" | "error" | "aborted";
  readonly executionCount?: number | undefined;
  readonly errorName?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly traceback: readonly string[];
}

/** The execution count. */
export function readExecuteInput(content: unknown): number | undefined {
  const parsed = v.safeParse(inputSchema, content);
  return parsed.success ? parsed.output.execution_count : undefined;
}

export function readExecuteReply(content: unknown): ExecuteReply {
  const parsed = v.safeParse(replySchema, content);
  if (!parsed.success) return noReply;
  const { status, execution_count: executionCount, ename, evalue, traceback } = parsed.output;
  return {
    status: status === "abort" ? "aborted" : status,
    executionCount,
    errorName: ename,
    errorMessage: evalue,
    traceback,
  };
}

export function readStream(content: unknown): { readonly name: string; readonly text: string } | undefined {
  const parsed = v.safeParse(streamSchema, content);
  return parsed.success ? parsed.output : undefined;
}

/** A result by its MIME types. */
export function readDisplay(content: unknown): Readonly<Record<string, unknown>> | undefined {
  const parsed = v.safeParse(displaySchema, content);
  return parsed.success ? parsed.output.data : undefined;
}

/** Whether the kernel says that it is done with a request: nothing more of it follows. */
export function isDone(message: KernelMessage): boolean {
  const parsed = v.safeParse(statusSchema, message.content);
  return message.header.msg_type === "status" && parsed.success && parsed.output.execution_state === "idle";
}

/** The cell that a request says it runs. */
export function cellIdOf(message: KernelMessage): string | undefined {
  if (message.header.msg_type !== "execute_request" || message.channel !== "shell") return undefined;
  const { cellId } = message.metadata;
  return typeof cellId === "string" && cellId !== "" ? cellId : undefined;
}
