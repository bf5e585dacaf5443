import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import type { JoinRequest } from "./connection.ts";
import type { Messages } from "./messages.ts";
import type { ICellMonitor } from "./tokens.ts";

const fieldNames = ["serverUrl", "joinCode", "userName", "teamName", "notebooks"] as const;

class JoinForm extends Widget implements Dialog.IBodyWidget<JoinRequest> {
  readonly #inputs: Record<(typeof fieldNames)[number], HTMLInputElement>;

  /** @param refusal why it did not work the last time */
  constructor(messages: Messages, defaults: JoinRequest, refusal: string | undefined) {
    super();
    this.addClass("jp-cell-monitor-Join");
    const explanation = document.createElement("p");
    explanation.textContent = refusal ?? messages.joinExplained;
    if (refusal !== undefined) explanation.role = "alert";
    this.node.append(explanation);
    const input = (name: (typeof fieldNames)[number], value: string): HTMLInputElement => {
      const label = document.createElement("label");
      const field = document.createElement("input");
      field.className = "jp-mod-styled";
      field.value = value;
      label.append(messages[name], field);
      this.node.append(label);
      return field;
    };
    this.#inputs = {
      serverUrl: input("serverUrl", defaults.serverUrl),
      joinCode: input("joinCode", defaults.joinCode),
      userName: input("userName", defaults.userName),
      teamName: input("teamName", defaults.teamName),
      notebooks: input("notebooks", defaults.notebooks.join(", ")),
    };
  }

  getValue(): JoinRequest {
    const valueOf = (name: (typeof fieldNames)[number]) => this.#inputs[name].value.trim();
    return {
      serverUrl: valueOf("serverUrl"),
      joinCode: valueOf("joinCode"),
      userName: valueOf("userName"),
      teamName: valueOf("teamName"),
      notebooks: valueOf("notebooks")
        .split(",")
        .map((glob) => glob.trim())
        .filter((glob) => glob !== ""),
    };
  }
}

/** Asks for what joining takes, until it worked or the student has had enough. */
export async function joinByDialog(monitor: ICellMonitor, notebookPath: string | undefined): Promise<void> {
  const { messages } = monitor;
  let request = monitor.joinDefaults();
  if (request.notebooks.length === 0) request = { ...request, notebooks: [folderPatternOf(notebookPath)] };
  let refusal: string | undefined;
  for (;;) {
    const { button, value } = await showDialog({
      title: messages.joinDialog,
      body: new JoinForm(messages, request, refusal),
      focusNodeSelector: "input",
      buttons: [Dialog.cancelButton({ label: messages.cancel }), Dialog.okButton({ label: messages.join })],
    });
    if (!button.accept || !value) return;
    request = value;
    const outcome = await monitor.join(request);
    if (outcome.ok) {
      Notification.success(messages.joined, { autoClose: 4000 });
      return;
    }
    refusal = outcome.message;
    // Somebody was faster, in the settings or in another dialog.
    if (refusal === "") return;
  }
}

/** The folder a student is working in is the likeliest to be the class's. */
function folderPatternOf(notebookPath: string | undefined): string {
  const folder = notebookPath?.split("/").slice(0, -1).join("/") ?? "";
  return folder === "" ? "**/*.ipynb" : `${folder}/**`;
}
