import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { getMe } from "../api/session.ts";
import { type ClassState, createClassStore } from "./create-class-store.ts";
import { createServerClock } from "./create-clock.ts";
import { createFrameQueue } from "./create-frame-queue.ts";
import { type LinkState, makeLiveLink, openClassSocket } from "./make-live-link.ts";

export interface LiveClass {
  readonly state: ClassState;
  readonly link: Accessor<LinkState>;
  /** Something has been shown since the page was opened. */
  readonly hasData: Accessor<boolean>;
  readonly nowMs: Accessor<number>;
}

export interface LiveClassOptions {
  readonly classId: string;
  /** Whose runs are wanted. */
  readonly followed: Accessor<string | undefined>;
}

/** Follows a class for as long as the owner lives. */
export function createLiveClass(options: LiveClassOptions): LiveClass {
  const store = createClassStore();
  const [link, setLink] = createSignal<LinkState>({ kind: "connecting" }, { equals: isSameState });
  const [hasData, setHasData] = createSignal(false);
  const clock = createServerClock(() => link().kind === "live");
  let isResuming = false;

  const enqueue = createFrameQueue((frames) => {
    const isWhole = store.apply(frames);
    setHasData(true);
    const point = store.resumePoint();
    if (point) live.send({ type: "seen", ...point });
    if (isWhole) isResuming = false;
    else if (point && !isResuming) isResuming = live.send({ type: "resume", ...point });
  });

  const subscribe = () => {
    const student = options.followed();
    live.send({ type: "subscribe", students: student === undefined ? [] : [student] });
  };

  const live = makeLiveLink({
    openSocket: (resume) => openClassSocket(options.classId, resume),
    resumePoint: store.resumePoint,
    isRefused: async () => {
      const me = await getMe();
      if (!me.ok) return me.status === 401;
      return !me.value.classes.some(({ id }) => id === options.classId);
    },
    onOpen() {
      isResuming = false;
      clock.forget();
      // Which students are followed is known per connection.
      if (options.followed() !== undefined) subscribe();
    },
    onFrame(frame) {
      clock.heard(frame.at);
      enqueue(frame);
    },
    onState: setLink,
    random: Math.random,
    now: Date.now,
  });

  createEffect(on(options.followed, subscribe, { defer: true }));

  const hurry = () => {
    if (!document.hidden) live.hurry();
  };
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  onCleanup(() => {
    window.removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    live.close();
  });

  return { state: store.state, link, hasData, nowMs: clock.nowMs };
}

function isSameState(left: LinkState, right: LinkState): boolean {
  if (left.kind === "offline" && right.kind === "offline") return left.sinceMs === right.sinceMs;
  return left.kind === right.kind;
}
