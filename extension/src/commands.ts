import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ICommandPalette } from "@jupyterlab/apputils";
import type { INotebookTracker } from "@jupyterlab/notebook";
import { askForConsent } from "./consent/consent-dialog.ts";
import { joinByDialog } from "./join-dialog.ts";
import type { ICellMonitor } from "./tokens.ts";

export const CommandIDs = {
  join: "cell-monitor:join",
  togglePause: "cell-monitor:toggle-pause",
  toggleHelp: "cell-monitor:toggle-help",
  sharing: "cell-monitor:data-sharing",
} as const;

export interface CommandParts {
  readonly app: JupyterFrontEnd;
  readonly monitor: ICellMonitor;
  readonly tracker: INotebookTracker;
  readonly palette: ICommandPalette | null;
}

export function addCommands({ app, monitor, tracker, palette }: CommandParts): void {
  const { commands } = app;
  // JupyterLab shows what a command's schema says of its arguments; ours take none.
  const describedBy = { args: { type: "object", properties: {} } };
  commands.addCommand(CommandIDs.join, {
    label: () => monitor.messages.joinCommand,
    describedBy,
    execute: () => joinByDialog(monitor, tracker.currentWidget?.context.localPath),
  });
  commands.addCommand(CommandIDs.togglePause, {
    label: () => (monitor.state.isPaused ? monitor.messages.resumeCommand : monitor.messages.pauseCommand),
    describedBy,
    execute: () => monitor.setPaused(!monitor.state.isPaused),
  });
  commands.addCommand(CommandIDs.toggleHelp, {
    label: () => (monitor.help.isRaised ? monitor.messages.lowerCommand : monitor.messages.raiseCommand),
    describedBy,
    isEnabled: () => monitor.help.isOpen,
    isToggled: () => monitor.help.isRaised,
    execute: () => monitor.help.toggle(),
  });
  commands.addCommand(CommandIDs.sharing, {
    label: () => monitor.messages.sharingCommand,
    describedBy,
    isEnabled: () => monitor.consent?.text !== undefined,
    execute: () => monitor.consent && askForConsent(monitor.consent, monitor.messages),
  });
  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category: monitor.messages.category });
  }
  monitor.stateChanged.connect(() => {
    commands.notifyCommandChanged(CommandIDs.togglePause);
    commands.notifyCommandChanged(CommandIDs.toggleHelp);
    commands.notifyCommandChanged(CommandIDs.sharing);
  });
}
