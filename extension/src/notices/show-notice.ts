import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import type { NoticeFrame } from "@cell-monitor/protocol";
import { Widget } from "@lumino/widgets";
import type { Messages } from "../messages.ts";
import { type NoticeWords, noticeWords } from "./notice-words.ts";

/** JupyterLab cuts a notification that is longer, and has it in its list as it cut it. */
const longestShown = 140;
const announcementMs = 30_000;

/** Shows a notice as JupyterLab's own are shown, and all of a long one when asked. Its text is text, whatever it holds. */
export function showNotice(notice: NoticeFrame, messages: Messages): void {
  const words = noticeWords(notice, messages);
  const whole = `${words.heading}\n${words.text}`;
  const readAll = {
    label: messages.readAll,
    callback: (event: MouseEvent) => {
      // Else JupyterLab drops it from its list as done with.
      event.preventDefault();
      void showWhole(words, messages);
    },
  };
  Notification.info(whole, {
    // What is meant for one student stays until that student has seen it; all of it stays in the list.
    autoClose: notice.type === "system_message" ? announcementMs : false,
    ...(whole.length > longestShown && { actions: [readAll] }),
  });
}

async function showWhole({ heading, text }: NoticeWords, messages: Messages): Promise<void> {
  const body = new Widget();
  body.addClass("jp-cell-monitor-Notice");
  body.node.textContent = text;
  await showDialog({ title: heading, body, buttons: [Dialog.okButton({ label: messages.close })] });
}
