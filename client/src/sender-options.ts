import type { EventsAnswer, Rejection } from "@cell-monitor/protocol";
import type { Credentials } from "./credentials.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Platform } from "./platform.ts";

/** What a sender is about, for whoever shows it. */
export interface SenderState {
  /** `connected` until shown otherwise; `waiting` for a server that will be asked again; `refused` by it. */
  readonly link: "connected" | "waiting" | "refused";
  /** An open socket says by itself that the student is there. */
  readonly transport: "socket" | "http";
  readonly unsent: number;
  readonly lost: number;
}

/** Something a person has to see to: the server answers, and doesn't take what is sent. */
export interface SenderFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface SenderOptions {
  readonly server: string;
  readonly credentials: Credentials;
  /** Where a socket is opened; without it everything goes by HTTP. */
  readonly classId?: string;
  /** Its bounds and store may be the caller's; a queue in memory where it is absent. */
  readonly queue?: EventQueue;
  readonly platform?: Platform;
  /** Events that the server refused for good, each with its reason. */
  readonly onRejected?: (rejections: readonly Rejection[]) => void;
  readonly onFault?: (fault: SenderFault) => void;
  readonly onNotifications?: (notifications: EventsAnswer["notifications"]) => void;
  readonly onState?: (state: SenderState) => void;
}
