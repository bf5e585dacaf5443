import { describe, expect, it } from "vitest";
import { RunTracker } from "../src/capture/runs.ts";
import { eventsOf, makeContext, outline, play, recording, type Step } from "./replay.ts";

/** The recording, cut at the first message of a type from the kernel. */
function until(name: string, type: string): readonly Step[] {
  const steps = recording(name);
  const end = steps.findIndex((step) => "msg" in step && step.msg.header.msg_type === type);
  return steps.slice(0, end);
}

function messageOf(name: string, type: string): Extract<Step, { msg: unknown }>["msg"] {
  for (const step of recording(name)) {
    if ("msg" in step && step.msg.header.msg_type === type) return step.msg;
  }
  throw new Error(`no ${type} in ${name}`);
}

describe("a run that succeeds", () => {
  it("gives a start and one end, joined by the kernel's message id", () => {
    const events = eventsOf("ok");
    expect(outline(events)).toEqual([
      ["cell_execution_start", "good"],
      ["cell_execution_complete", "good", "ok"],
    ]);
    const { msg_id: requestId } = messageOf("ok", "execute_request").header;
    expect(events.map(({ executionId }) => executionId)).toEqual([requestId, requestId]);
  });

  it("takes its times from the kernel's clock, whatever the browser's says", () => {
    const [, end] = eventsOf("ok");
    const startedMs = Date.parse(messageOf("ok", "execute_input").header.date ?? "");
    const finishedMs = Date.parse(messageOf("ok", "execute_reply").header.date ?? "");
    expect(end).toMatchObject({
      startedAt: new Date(startedMs).toISOString(),
      finishedAt: new Date(finishedMs).toISOString(),
      executionDurationMs: finishedMs - startedMs,
      executionCount: 1,
      hasError: false,
    });
    expect(end?.executionDurationMs).toBeGreaterThanOrEqual(200);
  });

  it("tells how long the request waited, by the browser's clock alone", () => {
    const [start, end] = eventsOf("ok");
    // The execute_input is the third message behind the request, and messages are 10 ms apart.
    expect(start?.queuedMs).toBe(30);
    expect(end?.queuedMs).toBe(30);
  });

  it("is told from another run of the same cell", () => {
    const runs = Map.groupBy(eventsOf("twice"), ({ executionId }) => executionId);
    expect(runs.size).toBe(2);
    for (const events of runs.values()) {
      expect(outline(events)).toEqual([
        ["cell_execution_start", "good"],
        ["cell_execution_complete", "good", "ok"],
      ]);
    }
    const counts = Array.from(runs.values(), ([start]) => start?.executionCount);
    expect(counts).toEqual([1, 2]);
  });

  it("starts once, however often the kernel says so", () => {
    const context = makeContext();
    const isInput = (step: Step) => "msg" in step && step.msg.header.msg_type === "execute_input";
    const steps = recording("ok").flatMap((step) => (isInput(step) ? [step, step] : [step]));
    play(new RunTracker(context), context, steps);
    expect(context.events).toHaveLength(2);
  });

  it("ends once, however often the kernel answers", () => {
    const context = makeContext();
    const tracker = new RunTracker(context);
    play(tracker, context, [
      ...recording("ok"),
      ...recording("ok").filter((step) => !("direction" in step) || step.direction === "recv"),
    ]);
    expect(context.events).toHaveLength(2);
  });

  it("has its start before its end even where the kernel's answer overtakes its announcement", () => {
    const context = makeContext();
    const tracker = new RunTracker(context);
    const steps = recording("ok");
    const isReply = (step: Step) => "msg" in step && step.msg.header.msg_type === "execute_reply";
    const [request, ...others] = steps.filter((step) => !isReply(step));
    if (!request) throw new Error("empty recording");
    play(tracker, context, [request, ...steps.filter(isReply), ...others]);
    expect(outline(context.events)).toEqual([
      ["cell_execution_start", "good"],
      ["cell_execution_complete", "good", "ok"],
    ]);
    expect(context.events[1]?.executionDurationMs).toBeGreaterThanOrEqual(200);
  });
});

describe("a run that fails", () => {
  it("leaves no trace of the cells that Run All never reached", () => {
    expect(outline(eventsOf("run-all-with-error"))).toEqual([
      ["cell_execution_start", "first"],
      ["cell_execution_complete", "first", "ok"],
      ["cell_execution_start", "bad"],
      ["cell_execution_error", "bad", "error"],
    ]);
  });

  it("says by default what kind of error it was, with a fingerprint, and nothing a student wrote", () => {
    const error = eventsOf("run-all-with-error").at(-1);
    expect(error).toMatchObject({ hasError: true, errorName: "ZeroDivisionError" });
    expect(error?.errorFingerprint).toMatch(/^ZeroDivisionError:[0-9a-f]{16}$/);
    expect(Object.keys(error ?? {})).not.toEqual(
      expect.arrayContaining([
        expect.stringMatching(/errorMessage|errorTraceback|errorLine|code|result|source/),
      ]),
    );
  });

  it("says at level errors what the message was, and the line in the cell that was run", () => {
    const error = eventsOf("run-all-with-error", "errors").at(-1);
    expect(error).toMatchObject({ errorMessage: "division by zero", errorLine: 2 });
    expect(error?.errorTraceback).toContain("ZeroDivisionError");
    expect(error?.errorTraceback).not.toContain("\u001B");
    expect(error).not.toHaveProperty("code");
  });

  it("knows the line of a syntax error", () => {
    const error = eventsOf("syntax-error", "errors").at(-1);
    expect(error).toMatchObject({ errorName: "SyntaxError", errorLine: 2 });
  });
});

describe("levels", () => {
  it("outputs adds what was printed and returned, code adds the source, and a start has neither", () => {
    const [start, end] = eventsOf("ok", "outputs");
    expect(end).toMatchObject({ result: "こんにちは\n2", outputTypes: ["stdout", "text/plain"] });
    expect(end).not.toHaveProperty("code");
    const [codeStart, codeEnd] = eventsOf("ok", "code");
    expect(codeEnd).toMatchObject({ result: "こんにちは\n2", code: "source of good" });
    for (const event of [start, codeStart]) {
      expect(event).not.toHaveProperty("result");
      expect(event).not.toHaveProperty("code");
    }
  });

  it("takes what is printed behind the kernel's answer, until the kernel is done", () => {
    const isReply = (step: Step) => "msg" in step && step.msg.header.msg_type === "execute_reply";
    const [request, ...others] = recording("ok").filter((step) => !isReply(step));
    if (!request) throw new Error("empty recording");
    const context = makeContext("outputs");
    play(new RunTracker(context), context, [request, ...recording("ok").filter(isReply), ...others]);
    expect(outline(context.events)).toEqual([
      ["cell_execution_start", "good"],
      ["cell_execution_complete", "good", "ok"],
    ]);
    expect(context.events[1]?.result).toBe("こんにちは\n2");
  });

  it("keeps an answer whose outputs were still awaited when nobody looks any more", () => {
    const context = makeContext("outputs");
    const tracker = new RunTracker(context);
    const isIdle = (step: Step) => "msg" in step && step.msg.header.msg_type === "status";
    play(
      tracker,
      context,
      recording("ok").filter((step) => !isIdle(step)),
    );
    expect(context.events).toHaveLength(1);
    tracker.endAll("aborted");
    expect(context.events[1]).toMatchObject({ status: "ok" });
  });

  it("cuts an output without end, and says so", () => {
    const context = makeContext("outputs");
    const tracker = new RunTracker(context);
    const steps = recording("ok");
    const stream = steps.find((step) => "msg" in step && step.msg.header.msg_type === "stream");
    if (!stream || !("msg" in stream)) throw new Error("no stream");
    const endless = {
      ...stream,
      msg: { ...stream.msg, content: { name: "stdout", text: "x".repeat(1000) } },
    };
    play(
      tracker,
      context,
      steps.flatMap((step) => (step === stream ? Array.from({ length: 200 }, () => endless) : [step])),
    );
    const end = context.events.at(-1);
    expect(end?.truncated).toBe(true);
    expect(end?.result?.length).toBeLessThanOrEqual(64 * 1024);
  });
});

describe("a run that does not finish", () => {
  it("is interrupted, which is no error, and what waited behind it leaves no trace", () => {
    const events = eventsOf("interrupt");
    expect(outline(events)).toEqual([
      ["cell_execution_start", "slow"],
      ["cell_execution_complete", "slow", "interrupted"],
    ]);
    expect(events[1]).toMatchObject({ hasError: false });
    expect(events[1]).not.toHaveProperty("errorName");
  });

  it("is killed by a restart, and the cell can be run again", () => {
    const events = eventsOf("restart-mid-run");
    expect(outline(events)).toEqual([
      ["cell_execution_start", "slow"],
      ["cell_execution_complete", "slow", "killed"],
      ["cell_execution_start", "slow"],
      ["cell_execution_complete", "slow", "ok"],
    ]);
    expect(events[1]).not.toHaveProperty("executionDurationMs");
  });

  it("is aborted when nobody looks any more, once", () => {
    const context = makeContext();
    const tracker = new RunTracker(context);
    play(tracker, context, until("ok", "execute_reply"));
    tracker.endAll("aborted");
    tracker.endAll("aborted");
    tracker.received(messageOf("ok", "execute_reply"));
    expect(outline(context.events)).toEqual([
      ["cell_execution_start", "good"],
      ["cell_execution_complete", "good", "aborted"],
    ]);
  });
});

describe("what is none of our runs", () => {
  it("a console's request, which names no cell, is not looked at", () => {
    const context = makeContext();
    const steps = recording("ok").map((step) =>
      "msg" in step && step.direction === "send" ? { ...step, msg: { ...step.msg, metadata: {} } } : step,
    );
    play(new RunTracker(context), context, steps);
    expect(context.events).toEqual([]);
  });

  it("a run that another front end of the same kernel asked for is not looked at", () => {
    const context = makeContext();
    play(
      new RunTracker(context),
      context,
      recording("ok").filter((step) => !("direction" in step) || step.direction === "recv"),
    );
    expect(context.events).toEqual([]);
  });

  it("a kernel that sends nonsense gives no wrong fields", () => {
    const context = makeContext("errors");
    const tracker = new RunTracker(context);
    const steps = recording("run-all-with-error").map((step) => {
      if (!("msg" in step) || step.direction === "send") return step;
      const { date: _, ...header } = step.msg.header;
      const content = step.msg.header.msg_type === "execute_reply" ? { status: "error", traceback: 7 } : null;
      return { ...step, msg: { ...step.msg, header, metadata: {}, content } };
    });
    play(tracker, context, steps);
    for (const { errorTraceback = "", startedAt, executionDurationMs } of context.events) {
      expect([errorTraceback, startedAt, executionDurationMs]).toEqual(["", undefined, undefined]);
    }
  });
});
