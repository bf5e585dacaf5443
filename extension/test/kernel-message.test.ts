import { describe, expect, it } from "vitest";
import {
  cellIdOf,
  isDone,
  type KernelMessage,
  readDisplay,
  readExecuteInput,
  readExecuteReply,
  readStream,
} from "../src/capture/kernel-message.ts";

function message(type: string, part: Partial<KernelMessage>): KernelMessage {
  const header = { msg_id: "m", msg_type: type };
  return { channel: "shell", header, parent_header: {}, metadata: {}, content: {}, ...part };
}

const nothing = { status: "ok", traceback: [] };

describe("what a kernel sends that it shouldn't", () => {
  it.each([null, undefined, "text", 7, []])("%j as content is read as nothing", (content) => {
    expect(readExecuteInput(content)).toBeUndefined();
    expect(readExecuteReply(content)).toEqual(nothing);
    expect(readStream(content)).toBeUndefined();
    expect(readDisplay(content)).toEqual({});
    expect(isDone(message("status", { content }))).toBe(false);
  });

  it("costs only the field that is wrong", () => {
    const content = { status: "error", execution_count: "4", ename: "E", evalue: 5, traceback: ["a", 1] };
    expect(readExecuteReply(content)).toEqual({ status: "error", errorName: "E", traceback: ["a"] });
  });

  it.each([-1, 1.5, Number.NaN, "3", null])("%j is no execution count", (execution_count) => {
    expect(readExecuteInput({ execution_count })).toBeUndefined();
  });

  it("is no stream without a name and a text", () => {
    expect(readStream({ name: "stdout", text: 1 })).toBeUndefined();
    expect(readStream({ text: "a" })).toBeUndefined();
  });

  it.each([
    ["ok", "ok"],
    ["error", "error"],
    ["aborted", "aborted"],
    ["abort", "aborted"],
    ["later", "ok"],
  ])("the status %s is read as %s", (status, read) => {
    expect(readExecuteReply({ status }).status).toBe(read);
  });
});

describe("the cell of a request", () => {
  it.each([
    ["named in an execute_request", message("execute_request", { metadata: { cellId: "c" } }), "c"],
    ["not a text", message("execute_request", { metadata: { cellId: 1 } }), undefined],
    ["empty", message("execute_request", { metadata: { cellId: "" } }), undefined],
    ["of another message", message("complete_request", { metadata: { cellId: "c" } }), undefined],
  ])("%s", (_, request, cellId) => expect(cellIdOf(request)).toBe(cellId));
});
