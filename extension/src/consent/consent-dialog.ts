import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { fill, type Messages } from "../messages.ts";
import type { Consent } from "./consent.ts";

/** Asks a student what they share. Closed without a choice, it leaves everything as it is. */
export async function askForConsent(consent: Consent, messages: Messages): Promise<void> {
  const { text } = consent;
  if (!text) return;
  const body = new Widget();
  body.addClass("jp-cell-monitor-Consent");
  const asked = document.createElement("p");
  asked.textContent = text.text || messages.joinExplained;
  const means = document.createElement("p");
  const now = consent.sharing === "refused" ? messages.sharingOff : messages.sharingOn;
  means.textContent = [
    fill(messages.sharingMeans, { days: text.retention_days }),
    ...(consent.sharing === "asked" ? [] : [now]),
  ].join("\n");
  body.node.append(asked, means);
  const { button } = await showDialog({
    title: messages.sharingDialog,
    body,
    buttons: [
      Dialog.cancelButton({ label: messages.sharingLater }),
      Dialog.createButton({ label: messages.sharingRefuse, actions: ["refused"], accept: true }),
      Dialog.okButton({ label: messages.sharingAccept, actions: ["accepted"] }),
    ],
    defaultButton: 0,
  });
  if (!button.accept) return;
  const choice = button.actions.includes("refused") ? "refused" : "accepted";
  if (await consent.choose(text.version, choice)) return;
  Notification.error(fill(messages.problem, { reason: messages.sharingUntold }), { autoClose: false });
}
