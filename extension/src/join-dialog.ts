import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import type { JoinRequest } from "./connection.ts";
import { fill, type Messages } from "./messages.ts";
import type { ICellMonitor } from "./tokens.ts";

const fieldNames = ["serverUrl", "joinCode", "userName", "teamName", "notebooks"] as const;

class JoinForm extends Widget implements Dialog.IBodyWidget<JoinRequest> {
  readonly #inputs: Record<(typeof fieldNames)[number], HTMLInputElement>;

  constructor(messages: Messages, defaults: JoinRequest) {
    super();
    this.addClass("jp-cell-monitor-Join");
    const explanation = document.createElement("p");
    explanation.textContent = messages.joinExplained;
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

/** Asks for what joining takes, joins, and says what came of it. */
export async function joinByDialog(monitor: ICellMonitor, notebookPath: string | undefined): Promise<void> {
  const { messages } = monitor;
  const defaults = monitor.joinDefaults();
  const notebooks = defaults.notebooks.length > 0 ? defaults.notebooks : [folderPatternOf(notebookPath)];
  const result = await showDialog({
    title: messages.joinDialog,
    body: new JoinForm(messages, { ...defaults, notebooks }),
    buttons: [Dialog.cancelButton({ label: messages.cancel }), Dialog.okButton({ label: messages.join })],
  });
  if (!result.button.accept || !result.value) return;
  const outcome = await monitor.join(result.value);
  if (outcome.ok) Notification.success(messages.joined, { autoClose: 4000 });
  else Notification.error(fill(messages.notJoined, { reason: outcome.message }), { autoClose: false });
}

/** The folder a student is working in is the likeliest to be the class's. */
function folderPatternOf(notebookPath: string | undefined): string {
  const folder = notebookPath?.split("/").slice(0, -1).join("/") ?? "";
  return folder === "" ? "**/*.ipynb" : `${folder}/**`;
}
