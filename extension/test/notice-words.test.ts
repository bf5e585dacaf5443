import type { NoticeFrame } from "@cell-monitor/protocol";
import { describe, expect, it } from "vitest";
import { messagesFor } from "../src/messages.ts";
import { noticeWords } from "../src/notices/notice-words.ts";

const told = { id: "1", at: 0 };
const own = { ...told, channel: "notifications:student" };
const work = { ...own, type: "assignment_graded", assignmentId: "a", submissionId: "s", grade: 8.5 } as const;
const cases: [NoticeFrame, string, string][] = [
  [{ ...own, type: "message", text: "Look at cell 3", from: "Grace" }, "Grace to you:", "Graceからあなたへ:"],
  [{ ...own, type: "message", text: "Look at cell 3" }, "Your instructor to you:", "先生・TAからあなたへ:"],
  [
    { ...told, type: "system_message", channel: "broadcast", text: "Look at cell 3", from: "Grace" },
    "Grace to the class:",
    "Graceからクラス全員へ:",
  ],
];

describe("the words of a notice", () => {
  it.each(cases)("say who wrote to whom: %j", (notice, en, ja) => {
    expect(noticeWords(notice, messagesFor("en", ""))).toEqual({ heading: en, text: "Look at cell 3" });
    expect(noticeWords(notice, messagesFor("ja", ""))).toEqual({ heading: ja, text: "Look at cell 3" });
  });

  it("say the grade, and of what", () => {
    const words = (notice: NoticeFrame) => Object.values(noticeWords(notice, messagesFor("en", "")));
    expect(words(work)).toEqual(["Your work was graded.", "Grade: 8.5"]);
    expect(words({ ...work, title: "Numbers" })).toEqual(["“Numbers” was graded.", "Grade: 8.5"]);
  });

  it("leave what an instructor wrote as it is", () => {
    const text = "<b>{from}</b> & {n}\nsecond line";
    expect(noticeWords({ ...own, type: "message", text }, messagesFor("en", "")).text).toBe(text);
  });
});
