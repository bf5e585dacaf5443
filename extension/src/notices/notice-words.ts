import type { NoticeFrame } from "@cell-monitor/protocol";
import { fill, type Messages } from "../messages.ts";

export interface NoticeWords {
  readonly heading: string;
  readonly text: string;
}

/** What a student is told by a notice. */
export function noticeWords(notice: NoticeFrame, messages: Messages): NoticeWords {
  if (notice.type === "assignment_graded") {
    const { title, grade } = notice;
    const heading = title === undefined ? messages.graded : fill(messages.gradedTitled, { title });
    return { heading, text: fill(messages.grade, { grade }) };
  }
  const from = notice.from ?? messages.instructor;
  const heading = notice.type === "message" ? messages.toYou : messages.toClass;
  return { heading: fill(heading, { from }), text: notice.text };
}
