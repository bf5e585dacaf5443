import { type ActionAnswer, actionAnswerSchema } from "@cell-monitor/protocol";
import { type ApiAnswer, callApi } from "./client.ts";

/** A request for help, by itself and by whose it is. */
export interface HelpRef {
  readonly helpId: string;
  readonly studentId: string;
}

export type HelpChange = "claim" | "release" | "resolve";

function act(classId: string, path: string, body: object): Promise<ApiAnswer<ActionAnswer>> {
  return callApi(actionAnswerSchema, `/classes/${encodeURIComponent(classId)}/${path}`, {
    method: "POST",
    body,
  });
}

/** What an instructor does about a raised hand; what comes of it is shown by the live view. */
export function changeHelp(classId: string, { helpId, studentId }: HelpRef, change: HelpChange) {
  return act(classId, `help/${encodeURIComponent(helpId)}/${change}`, { student_id: studentId });
}

/** Writes to a student. */
export function sendMessage(classId: string, studentId: string, text: string) {
  return act(classId, "messages", { student_id: studentId, text });
}

/** Writes to the whole class. */
export function sendAnnouncement(classId: string, text: string) {
  return act(classId, "announcements", { text });
}
