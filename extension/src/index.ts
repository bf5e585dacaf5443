import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, IToolbarWidgetRegistry, Notification } from "@jupyterlab/apputils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStatusBar } from "@jupyterlab/statusbar";
import { ITranslator } from "@jupyterlab/translation";
import { addCommands, CommandIDs } from "./commands.ts";
import { askForConsent } from "./consent/consent-dialog.ts";
import { HelpButton } from "./help/help-button.ts";
import { fill } from "./messages.ts";
import { CellMonitor } from "./monitor.ts";
import { showNotice } from "./notices/show-notice.ts";
import { StatusItem } from "./status-item.ts";
import { ICellMonitor } from "./tokens.ts";

export { ICellMonitor } from "./tokens.ts";

/** Written in by the build. */
declare const EXTENSION_VERSION: string;

const settingsId = "cell-monitor:plugin";

const monitorPlugin: JupyterFrontEndPlugin<ICellMonitor> = {
  id: settingsId,
  description: "Records the runs of the class's notebooks and sends them to the class.",
  autoStart: true,
  provides: ICellMonitor,
  requires: [INotebookTracker, ISettingRegistry],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry,
    translator: ITranslator | null,
  ) => {
    const monitor = new CellMonitor({
      tracker,
      versions: { labVersion: app.version, frontEnd: app.name, extensionVersion: EXTENSION_VERSION },
      languageCode: translator?.languageCode ?? "en",
      onAsk: () => {
        if (monitor.consent) void askForConsent(monitor.consent, monitor.messages);
      },
      onNotice: (notice) => showNotice(notice, monitor.messages),
      onProblem: (reason) => {
        Notification.error(fill(monitor.messages.problem, { reason }), { autoClose: false });
      },
    });
    void Promise.all([registry.load(settingsId), app.restored])
      .then(([settings]) => monitor.follow(settings))
      .catch((error: unknown) => {
        Notification.error(fill(monitor.messages.problem, { reason: String(error) }));
      });
    return monitor;
  },
};

const helpPlugin: JupyterFrontEndPlugin<void> = {
  id: "cell-monitor:help",
  description: "Puts a button into the notebook's toolbar that asks the instructor to come.",
  autoStart: true,
  requires: [ICellMonitor, IToolbarWidgetRegistry],
  activate: (_: JupyterFrontEnd, monitor: ICellMonitor, toolbars: IToolbarWidgetRegistry) => {
    toolbars.addFactory("Notebook", "cell-monitor-help", () => new HelpButton(monitor));
  },
};

const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: "cell-monitor:status",
  description: "Shows in the status bar whether anything is collected, and whether it arrives.",
  autoStart: true,
  requires: [ICellMonitor],
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, monitor: ICellMonitor, statusBar: IStatusBar | null) => {
    const item = new StatusItem(monitor, (kind) => {
      void app.commands.execute(kind === "apart" ? CommandIDs.join : CommandIDs.sharing);
    });
    statusBar?.registerStatusItem("cell-monitor:status", { item, align: "right", rank: 200 });
  },
};

const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: "cell-monitor:commands",
  description: "Commands to join a class, pause, and raise a hand.",
  autoStart: true,
  requires: [ICellMonitor, INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    monitor: ICellMonitor,
    tracker: INotebookTracker,
    palette: ICommandPalette | null,
  ) => addCommands({ app, monitor, tracker, palette }),
};

export default [monitorPlugin, helpPlugin, statusPlugin, commandsPlugin];
