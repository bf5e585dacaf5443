import {
  closeCodes,
  type InstructorCommand,
  instructorFrameSchema,
  liveSubprotocol,
  type PatchFrame,
  pingText,
  pongText,
  type SnapshotFrame,
} from "@cell-monitor/protocol";
import * as v from "valibot";

const pingIntervalMs = 20_000;
/** For a connection to open, and for a ping to be answered. */
const answerDeadlineMs = 10_000;
/** A connection that held this long was a good one: the next is tried at once. */
const stableAfterMs = 5_000;
const backoffFirstMs = 500;
const backoffMaxMs = 10_000;

/** The part of a WebSocket that a link needs. */
export interface LiveSocket extends EventTarget {
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface ResumePoint {
  readonly epoch: string;
  readonly to: number;
}

export type LinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Attempts go on. */
  | { readonly kind: "offline"; readonly sinceMs: number }
  /** The server will not have this person, or not any more; no further attempt is made. */
  | { readonly kind: "refused" };

export type DataFrame = SnapshotFrame | PatchFrame;

export interface LiveLinkOptions {
  openSocket(resume: ResumePoint | undefined): LiveSocket;
  /** What the page has shown so far; undefined asks for a snapshot. */
  resumePoint(): ResumePoint | undefined;
  /** Why an upgrade failed: a browser doesn't tell. */
  isRefused(): Promise<boolean>;
  onOpen(): void;
  onFrame(frame: DataFrame): void;
  onState(state: LinkState): void;
  /** In [0, 1); spreads the attempts of a whole class after a restart. */
  random(): number;
  now(): number;
}

export interface LiveLink {
  /** False when there is no connection to send on. */
  send(command: InstructorCommand): boolean;
  /** Tries at once if there is no connection, and makes sure of it if there seems to be one. */
  hurry(): void;
  close(): void;
}

/**
 * Keeps one live connection to a class up for as long as it isn't closed. Not reactive: the caller closes it.
 */
export function makeLiveLink(options: LiveLinkOptions): LiveLink {
  let socket: LiveSocket | undefined;
  let isOpen = false;
  let isEnded = false;
  let attempts = 0;
  let liveSinceMs: number | undefined;
  let lostAtMs: number | undefined;
  let mustStartAfresh = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let pingTimer: ReturnType<typeof setTimeout> | undefined;
  let deadlineTimer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    const current = options.openSocket(mustStartAfresh ? undefined : options.resumePoint());
    socket = current;
    deadlineTimer = setTimeout(() => lost(false), answerDeadlineMs);
    // A socket that was given up may still speak; nobody listens to it any more.
    const whileCurrent = (handle: (event: Event) => void) => (event: Event) => {
      if (socket === current) handle(event);
    };
    current.addEventListener("open", whileCurrent(opened));
    current.addEventListener("message", whileCurrent(received));
    current.addEventListener("close", whileCurrent(closed));
  }

  function opened(): void {
    isOpen = true;
    clearDeadline();
    pingLater();
    options.onOpen();
  }

  function received(event: Event): void {
    if (!(event instanceof MessageEvent)) return;
    if (event.data === pongText) {
      clearDeadline();
      pingLater();
      return;
    }
    const frame = parseFrame(event.data);
    if (!frame) {
      mustStartAfresh = true;
      lost(false);
      return;
    }
    if (frame.type === "error" || frame.type === "done") return;
    if (frame.type === "snapshot") mustStartAfresh = false;
    liveSinceMs ??= options.now();
    lostAtMs = undefined;
    options.onFrame(frame);
    options.onState({ kind: "live" });
  }

  function closed(event: Event): void {
    const code = event instanceof CloseEvent ? event.code : undefined;
    if (code === closeCodes.expired || code === closeCodes.revoked) {
      end();
      options.onState({ kind: "refused" });
      return;
    }
    const wasOpen = isOpen;
    lost(true);
    if (!wasOpen) void askWhetherRefused();
  }

  /** Gives the connection up and arranges the next one. */
  function lost(mayBeAtOnce: boolean): void {
    dropSocket();
    const nowMs = options.now();
    if (liveSinceMs !== undefined && nowMs - liveSinceMs >= stableAfterMs) attempts = 0;
    liveSinceMs = undefined;
    lostAtMs ??= nowMs;
    attempts += 1;
    const isFirst = attempts === 1 && mayBeAtOnce;
    options.onState(isFirst ? { kind: "connecting" } : { kind: "offline", sinceMs: lostAtMs });
    const ceilingMs = Math.min(backoffMaxMs, backoffFirstMs * 2 ** attempts);
    retryTimer = setTimeout(connect, isFirst ? 0 : options.random() * ceilingMs);
  }

  async function askWhetherRefused(): Promise<void> {
    if (!(await options.isRefused()) || isOpen || isEnded) return;
    end();
    options.onState({ kind: "refused" });
  }

  function pingLater(): void {
    clearTimeout(pingTimer);
    pingTimer = setTimeout(ping, pingIntervalMs);
  }

  function ping(): void {
    if (!isOpen || deadlineTimer !== undefined) return;
    socket?.send(pingText);
    deadlineTimer = setTimeout(() => lost(true), answerDeadlineMs);
  }

  function clearDeadline(): void {
    clearTimeout(deadlineTimer);
    deadlineTimer = undefined;
  }

  function dropSocket(): void {
    clearTimeout(pingTimer);
    clearDeadline();
    const dropped = socket;
    socket = undefined;
    isOpen = false;
    dropped?.close();
  }

  function end(): void {
    isEnded = true;
    clearTimeout(retryTimer);
    retryTimer = undefined;
    dropSocket();
  }

  options.onState({ kind: "connecting" });
  connect();

  return {
    send(command) {
      if (!isOpen || !socket) return false;
      socket.send(JSON.stringify(command));
      return true;
    },
    hurry() {
      if (isEnded) return;
      if (retryTimer !== undefined) connect();
      else ping();
    },
    close: end,
  };
}

/** The real socket of a class, from the page's own origin: the session cookie goes along. */
export function openClassSocket(classId: string, resume: ResumePoint | undefined): LiveSocket {
  const url = new URL(`/api/v1/live/${encodeURIComponent(classId)}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (resume) {
    url.searchParams.set("epoch", resume.epoch);
    url.searchParams.set("to", String(resume.to));
  }
  return new WebSocket(url, [liveSubprotocol]);
}

function parseFrame(data: unknown) {
  if (typeof data !== "string") return undefined;
  try {
    const parsed = v.safeParse(instructorFrameSchema, JSON.parse(data));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
