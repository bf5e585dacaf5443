import { cutText, errorFingerprint, limits, type RunStatus, stripAnsi } from "@cell-monitor/protocol";
import type { EventDraft } from "@cell-monitor/client";
import type { CellFacts } from "./cell-facts.ts";
import { allows, type CaptureContext } from "./context.ts";
import { isDone, type KernelMessage, readExecuteInput, readExecuteReply } from "./kernel-message.ts";
import { OutputTally } from "./output-tally.ts";
import { redact } from "./redact.ts";

interface Run {
  readonly cell: CellFacts;
  readonly sentMs: number;
  /** By the browser's clock. */
  queuedMs?: number;
  /** By the kernel's clock, which may differ from the browser's by any amount. */
  startedMs?: number | undefined;
  executionCount?: number | undefined;
  hasStarted: boolean;
  isDone: boolean;
  readonly outputs: OutputTally | undefined;
  /** The kernel's answer, while outputs may still follow it. */
  reply?: KernelMessage;
}

/**
 * The cell runs of one notebook's kernel, read from the messages that pass between the two. A run is a request, known
 * by its `msg_id`; it starts when the kernel says so and then gets exactly one end. A request that never started, like
 * those behind an error in Run All, leaves no trace.
 */
export class RunTracker {
  readonly #context: CaptureContext;
  readonly #runs = new Map<string, Run>();

  constructor(context: CaptureContext) {
    this.#context = context;
  }

  /** The front end asked the kernel to run `cell`. */
  sent(message: KernelMessage, cell: CellFacts): void {
    const outputs = allows(this.#context.level, "outputs") ? new OutputTally() : undefined;
    const sentMs = this.#context.now();
    this.#runs.set(message.header.msg_id, { cell, sentMs, hasStarted: false, isDone: false, outputs });
  }

  /** Whatever the kernel sent; what answers none of our runs is not looked at. */
  received(message: KernelMessage): void {
    const executionId = message.parent_header.msg_id;
    const run = executionId === undefined ? undefined : this.#runs.get(executionId);
    if (executionId === undefined || run === undefined) return;
    switch (message.header.msg_type) {
      case "execute_input":
        return this.#start(executionId, run, dateOf(message), readExecuteInput(message.content));
      case "execute_reply":
        // Outputs come by another channel than the answer, and may come behind it.
        if (run.outputs && !run.isDone) run.reply = message;
        else this.#reply(executionId, run, message);
        return undefined;
      case "status":
        run.isDone ||= isDone(message);
        if (run.isDone && run.reply) this.#reply(executionId, run, run.reply);
        return undefined;
      default:
        return run.outputs?.add(message);
    }
  }

  /** What runs will not be seen to end: the kernel is gone, or nobody looks any more. */
  endAll(status: "killed" | "aborted"): void {
    const open = [...this.#runs];
    this.#runs.clear();
    for (const [executionId, run] of open) {
      if (run.reply) this.#reply(executionId, run, run.reply);
      else if (run.hasStarted) this.#end(executionId, run, { status });
    }
  }

  #start(executionId: string, run: Run, startedMs: number | undefined, executionCount?: number): void {
    if (run.hasStarted) return;
    run.hasStarted = true;
    run.queuedMs = Math.max(0, this.#context.now() - run.sentMs);
    if (startedMs !== undefined) run.startedMs = startedMs;
    if (executionCount !== undefined) run.executionCount = executionCount;
    this.#context.record({ eventType: "cell_execution_start", ...this.#common(executionId, run) });
  }

  #reply(executionId: string, run: Run, message: KernelMessage): void {
    const reply = readExecuteReply(message.content);
    this.#runs.delete(executionId);
    if (!run.hasStarted) {
      if (reply.status === "aborted") return;
      // The kernel's answers travel on two channels; this one overtook the other.
      this.#start(executionId, run, startedOf(message), reply.executionCount);
    }
    const finishedMs = dateOf(message);
    run.startedMs ??= startedOf(message);
    run.executionCount ??= reply.executionCount;
    const isInterrupt = reply.status === "error" && reply.errorName === "KeyboardInterrupt";
    const status = isInterrupt ? "interrupted" : reply.status;
    this.#end(executionId, run, { status, ...(finishedMs !== undefined && { finishedMs }) }, reply);
  }

  #end(
    executionId: string,
    run: Run,
    outcome: { readonly status: RunStatus; readonly finishedMs?: number },
    reply?: ReturnType<typeof readExecuteReply>,
  ): void {
    const { status, finishedMs } = outcome;
    const { level } = this.#context;
    const isError = status === "error";
    this.#context.record({
      eventType: isError ? "cell_execution_error" : "cell_execution_complete",
      ...this.#common(executionId, run),
      status,
      hasError: isError,
      ...timing(run.startedMs, finishedMs),
      ...(isError && reply && this.#error(run, reply)),
      ...run.outputs?.fields(),
      ...(allows(level, "code") && { code: cutText(redact(run.cell.source), limits.textBytes) }),
    });
  }

  #common(executionId: string, run: Run): Omit<EventDraft, "eventType"> {
    const { source: _, ...facts } = run.cell;
    return {
      ...facts,
      executionId,
      ...(run.queuedMs !== undefined && { queuedMs: run.queuedMs }),
      ...(run.startedMs !== undefined && { startedAt: new Date(run.startedMs).toISOString() }),
      ...(run.executionCount !== undefined && { executionCount: run.executionCount }),
    };
  }

  #error(run: Run, reply: ReturnType<typeof readExecuteReply>): Partial<EventDraft> {
    const { errorName = "Error", errorMessage = "" } = reply;
    const errorTraceback = stripAnsi(reply.traceback.join("\n"));
    const errorFingerprintText = errorFingerprint({ errorName, errorMessage, errorTraceback });
    const always = { errorName, errorFingerprint: errorFingerprintText };
    if (!allows(this.#context.level, "errors")) return always;
    const errorLine = lineOf(errorTraceback, run.executionCount);
    return {
      ...always,
      errorMessage: cutText(redact(stripAnsi(errorMessage)), limits.textBytes),
      errorTraceback: cutText(redact(errorTraceback), limits.tracebackBytes),
      ...(errorLine !== undefined && { errorLine }),
    };
  }
}

function timing(startedMs: number | undefined, finishedMs: number | undefined): Partial<EventDraft> {
  if (finishedMs === undefined) return {};
  const finishedAt = new Date(finishedMs).toISOString();
  if (startedMs === undefined) return { finishedAt };
  return { finishedAt, executionDurationMs: Math.max(0, finishedMs - startedMs) };
}

function parseDate(text: unknown): number | undefined {
  const dateMs = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : dateMs;
}

function dateOf(message: KernelMessage): number | undefined {
  return parseDate(message.header.date);
}

/** ipykernel writes into its reply when it began. */
function startedOf(message: KernelMessage): number | undefined {
  return parseDate(message.metadata["started"]);
}

/** The line of the cell itself, not of a function that another cell defined. */
function lineOf(traceback: string, executionCount: number | undefined): number | undefined {
  for (const [, count, line] of traceback.matchAll(/Cell In\s*\[(\d+)\], line (\d+)/g)) {
    if (executionCount === undefined || Number(count) === executionCount) return Number(line);
  }
  return undefined;
}
