import { Token } from "@lumino/coreutils";
import type { ISignal } from "@lumino/signaling";
import type { Consent } from "./consent/consent.ts";
import type { Sharing } from "./consent/sharing-gate.ts";
import type { ConnectionState, JoinRequest, JoinOutcome } from "./connection.ts";
import type { HelpDesk } from "./help/help-desk.ts";
import type { Messages } from "./messages.ts";

/** What the student sees of Cell Monitor: the button, the indicator and the commands are made of this. */
export interface ICellMonitor {
  readonly state: MonitorState;
  readonly stateChanged: ISignal<ICellMonitor, MonitorState>;
  readonly help: HelpDesk;
  readonly messages: Messages;
  /** What the student has agreed to; undefined while no class is joined. */
  readonly consent: Consent | undefined;
  /** Joins a class and remembers it in the settings. */
  join(request: JoinRequest): Promise<JoinOutcome>;
  setPaused(isPaused: boolean): Promise<void>;
  /** What the settings say now, for a form that asks for it. */
  joinDefaults(): JoinRequest;
}

export interface MonitorState extends ConnectionState {
  readonly sharing: Sharing | undefined;
  readonly isPaused: boolean;
  readonly hasHelpButton: boolean;
}

export const ICellMonitor = new Token<ICellMonitor>(
  "cell-monitor:ICellMonitor",
  "The student's connection to a class: its state, joining, pausing and asking for help.",
);
