import { isJsonObject } from "@cell-monitor/protocol";

/** What is read of a message between front end and kernel, whatever JupyterLab's version calls its type. */
export interface KernelMessage {
  readonly channel: string;
  readonly header: { readonly msg_id: string; readonly msg_type: string; readonly date?: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly metadata: { readonly [key: string]: unknown };
  readonly content: unknown;
}

export interface ExecuteReply {
  readonly status: "ok" | "error" | "aborted";
  readonly executionCount: number | undefined;
  readonly errorName: string | undefined;
  readonly errorMessage: string | undefined;
  readonly traceback: readonly string[];
}

// Kernels come in many languages; a field that isn't what it should be is as good as absent.

function fieldsOf(content: unknown): Readonly<Record<string, unknown>> {
  return isJsonObject(content) ? content : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

function countOf({ execution_count: count }: Readonly<Record<string, unknown>>): number | undefined {
  return typeof count === "number" && Number.isInteger(count) && count >= 0 ? count : undefined;
}

function statusOf(status: unknown): ExecuteReply["status"] {
  if (status === "error") return status;
  // Older kernels say `abort`.
  return status === "aborted" || status === "abort" ? "aborted" : "ok";
}

/** The execution count. */
export function readExecuteInput(content: unknown): number | undefined {
  return countOf(fieldsOf(content));
}

export function readExecuteReply(content: unknown): ExecuteReply {
  const fields = fieldsOf(content);
  const { status, ename, evalue, traceback } = fields;
  return {
    status: statusOf(status),
    executionCount: countOf(fields),
    errorName: textOf(ename),
    errorMessage: textOf(evalue),
    traceback: Array.isArray(traceback) ? traceback.filter(isText) : [],
  };
}

export function readStream(content: unknown): { readonly name: string; readonly text: string } | undefined {
  const { name, text } = fieldsOf(content);
  return isText(name) && isText(text) ? { name, text } : undefined;
}

/** A result by its MIME types. */
export function readDisplay(content: unknown): Readonly<Record<string, unknown>> {
  return fieldsOf(fieldsOf(content)["data"]);
}

/** Whether the kernel says that it is done with a request: nothing more of it follows. */
export function isDone({ header, content }: KernelMessage): boolean {
  return header.msg_type === "status" && fieldsOf(content)["execution_state"] === "idle";
}

/** The cell that a request says it runs. */
export function cellIdOf(message: KernelMessage): string | undefined {
  if (message.header.msg_type !== "execute_request" || message.channel !== "shell") return undefined;
  return textOf(message.metadata["cellId"]) || undefined;
}
