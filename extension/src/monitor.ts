import { PageConfig } from "@jupyterlab/coreutils";
import type { INotebookTracker } from "@jupyterlab/notebook";
import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import { baseUrlOf, type EventDraft, systemPlatform } from "@cell-monitor/client";
import {
  normalizeJoinCode,
  type NoticeFrame,
  notificationFrameSchema,
  type StudentCredential,
} from "@cell-monitor/protocol";
import { type ISignal, Signal } from "@lumino/signaling";
import * as v from "valibot";
import type { CaptureContext } from "./capture/context.ts";
import { NotebooksCapture } from "./capture/notebooks.ts";
import { onActivity, onPageGone } from "./capture/page.ts";
import type { Consent } from "./consent/consent.ts";
import { Connection, type JoinOutcome, type JoinRequest } from "./connection.ts";
import { HelpDesk } from "./help/help-desk.ts";
import { Memberships } from "./memberships.ts";
import { type Messages, messagesFor } from "./messages.ts";
import { Inbox } from "./notices/inbox.ts";
import { ClassScope } from "./scope.ts";
import { type MonitorSettings, readSettings } from "./settings.ts";
import type { ICellMonitor, MonitorState } from "./tokens.ts";

export interface MonitorOptions {
  readonly tracker: INotebookTracker;
  /** Versions of JupyterLab, the extension and the front end. */
  readonly versions: Readonly<Record<string, string>>;
  readonly languageCode: string;
  readonly onProblem: (message: string) => void;
  /** The class wants to know whether the student agrees. */
  readonly onAsk: () => void;
  /** The class has something to tell the student. */
  readonly onNotice: (notice: NoticeFrame) => void;
}

/** Ties settings, connection and capture together. While no class is joined it looks at nothing. */
export class CellMonitor implements ICellMonitor {
  readonly help: HelpDesk;
  readonly #options: MonitorOptions;
  readonly #connection: Connection;
  readonly #memberships: Memberships;
  readonly #inbox: Inbox;
  readonly #stateChanged = new Signal<ICellMonitor, MonitorState>(this);
  #settings: MonitorSettings = readSettings({});
  #registered: ISettingRegistry.ISettings | undefined;
  #scope = new ClassScope([], []);
  #classId = "";
  #isJoining = false;
  #shown = "";
  #notebooks: NotebooksCapture | undefined;
  #endSession: (() => void) | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#memberships = new Memberships(localStorage, PageConfig.getBaseUrl());
    this.#connection = new Connection({
      memberships: this.#memberships,
      onState: () => this.#announce(),
      onOpened: (credential) => this.#open(credential),
      onClosed: () => this.#close(),
      onProblem: options.onProblem,
      onAsk: options.onAsk,
      onNotifications: (notifications) => this.#hear(notifications),
    });
    this.#inbox = new Inbox({
      store: localStorage,
      isSeen: () => document.visibilityState === "visible",
      show: options.onNotice,
    });
    this.help = new HelpDesk({
      record: (draft) => this.#connection.record(draft),
      repeat: (draft) => this.#connection.sender?.repeat(draft),
      place: () => (this.consent?.sharing === "shared" ? this.#notebooks?.place() : undefined) ?? {},
      onChange: () => this.#announce(),
      store: localStorage,
      now: systemPlatform.now,
      newId: systemPlatform.newId,
      every: (delayMs, run) => {
        const timer = setInterval(run, delayMs);
        return () => clearInterval(timer);
      },
    });
    addEventListener("storage", () => {
      this.help.sync();
      this.#inbox.look();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      this.#inbox.look();
      // What came while nobody looked may have come to a connection that was no more.
      this.#connection.sender?.wake();
    });
    addEventListener("online", () => this.#connection.sender?.wake());
  }

  get stateChanged(): ISignal<ICellMonitor, MonitorState> {
    return this.#stateChanged;
  }

  get state(): MonitorState {
    const { enabled, helpButton } = this.#settings;
    const sharing = this.consent?.sharing;
    return { ...this.#connection.state, sharing, isPaused: !enabled, hasHelpButton: helpButton };
  }

  get consent(): Consent | undefined {
    return this.#connection.consent;
  }

  get messages(): Messages {
    return messagesFor(this.#settings.locale, this.#options.languageCode);
  }

  /** Lives by these settings from now on. */
  follow(registered: ISettingRegistry.ISettings): void {
    this.#registered = registered;
    registered.changed.connect(this.#onSettings, this);
    this.#onSettings();
  }

  joinDefaults(): JoinRequest {
    const { serverUrl, joinCode, userName, teamName, notebooks } = this.#settings;
    return { serverUrl, joinCode, userName: userName || hubUser(), teamName, notebooks };
  }

  async join(typed: JoinRequest): Promise<JoinOutcome> {
    const serverUrl = baseUrlOf(typed.serverUrl);
    const joinCode = normalizeJoinCode(typed.joinCode);
    if (serverUrl === "" || joinCode === "" || typed.userName === "") {
      return { ok: false, message: this.messages.incomplete };
    }
    const request = { ...typed, serverUrl, joinCode };
    const before = this.#settings;
    this.#isJoining = true;
    // From the first event on what the student just said holds, not what the settings will say once they are saved.
    this.#settings = { ...before, ...request };
    try {
      const outcome = await this.#connection.join(request);
      if (outcome.ok) await this.#remember(request);
      else this.#settings = before;
      return outcome;
    } finally {
      this.#isJoining = false;
      this.#onSettings();
    }
  }

  async setPaused(isPaused: boolean): Promise<void> {
    await this.#registered?.set("enabled", !isPaused);
  }

  async #remember({ serverUrl, joinCode, userName, teamName, notebooks }: JoinRequest): Promise<void> {
    const wanted = { serverUrl, joinCode, userName, teamName, notebooks: [...notebooks] };
    for (const [name, value] of Object.entries(wanted)) {
      await this.#registered?.set(name, value);
    }
  }

  #onSettings(): void {
    // Settings are saved one by one; half of them name no class.
    if (this.#isJoining) return;
    const before = this.#settings;
    this.#settings = readSettings(this.#registered?.composite);
    const { enabled, notebooks, serverUrl, joinCode } = this.#settings;
    this.#scope = new ClassScope(notebooks, [this.#classId, joinCode]);
    if (before.enabled !== enabled && this.#connection.sender) {
      this.#connection.share({ eventType: enabled ? "capture_resumed" : "capture_paused" });
    }
    this.#notebooks?.refresh();
    const isOtherClass = before.serverUrl !== serverUrl || before.joinCode !== joinCode;
    if (isOtherClass || !this.#connection.sender) void this.#connection.resume(this.joinDefaults());
    this.#announce();
  }

  /** Every event recorded changes the state; only what is shown differently is worth telling. */
  #announce(): void {
    const { state, help } = this;
    const unsent = state.link === "waiting" ? state.unsent : 0;
    const seen = { ...state, unsent, isRaised: help.isRaised, isOpen: help.isOpen, standing: help.standing };
    const shown = JSON.stringify([seen, this.#settings.locale]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#stateChanged.emit(state);
  }

  #open({ classId, studentId }: StudentCredential): void {
    const { sender } = this.#connection;
    if (!sender) return;
    this.#classId = classId;
    this.#scope = new ClassScope(this.#settings.notebooks, [classId, this.#settings.joinCode]);
    const { teamName } = this.#settings;
    this.#connection.share({
      eventType: "session_start",
      ...(teamName !== "" && { teamName }),
      metadata: this.#options.versions,
    });
    const notebooks = new NotebooksCapture(this.#options.tracker, this.#context(), (path, mark) =>
      this.#scope.includes(path, mark),
    );
    this.#notebooks = notebooks;
    const activity = onActivity(systemPlatform.now, () => {
      if (this.#settings.enabled && notebooks.current) this.#connection.share({ eventType: "activity" });
    });
    const end = () => {
      notebooks.endRuns();
      this.#connection.share({ eventType: "session_end", lastSequence: sender.queue.lastSequence + 1 });
      sender.drain();
    };
    const pageGone = onPageGone(end);
    const key = this.#memberships.keyOf(classId, studentId);
    this.help.open(key);
    this.#inbox.open(key);
    void this.consent?.look();
    this.#endSession = () => {
      for (const part of [activity, pageGone, notebooks]) part.dispose();
      this.#notebooks = undefined;
      this.help.close();
      this.#inbox.close();
      end();
    };
  }

  #close(): void {
    this.#endSession?.();
    this.#endSession = undefined;
    this.#classId = "";
  }

  #hear(notifications: readonly unknown[]): void {
    const notices: NoticeFrame[] = [];
    for (const notification of notifications) {
      const frame = v.safeParse(notificationFrameSchema, notification);
      // A newer class may tell what this version knows nothing of.
      if (!frame.success) continue;
      if (frame.output.type === "help_state") this.help.heard(frame.output);
      else notices.push(frame.output);
    }
    this.#inbox.receive(notices);
  }

  #context(): CaptureContext {
    const settings = () => this.#settings;
    return {
      get level() {
        return settings().level;
      },
      get isOn() {
        return settings().enabled;
      },
      record: (draft: EventDraft) => this.#connection.share(draft),
      now: systemPlatform.now,
    };
  }
}

/** On JupyterHub a student has a name already. */
function hubUser(): string {
  return PageConfig.getOption("hubUser");
}
