import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Entity } from "@cell-monitor/protocol";

import { type Figure, Figures, percentile } from "../figures.ts";
import { Page, type SentEvent, startType } from "../lesson.ts";
import { arriveAll } from "../load.ts";
import { processorMs } from "../processor-time.ts";
import { scaled, type Settings } from "../settings.ts";
import { Dashboard } from "../sockets/dashboard.ts";
import { eventsFrame, openAll } from "../sockets/students.ts";
import { System } from "../system/system.ts";

const studentCount = 200;
const watchers = 10;
/** Each student sends one event a second. */
const perSecond = studentCount;
const runMs = 10_000;
/** Past it frames go out at ten a second; what lies around it is counted to neither. */
const steadyAfterMs = 5_000;
const steadyMarginMs = 1_000;
const urgentEvery = 50;
/** Errors in a row on a cell that make a student stuck, unless the class says otherwise. */
const streak = 3;
/** Longer than the pauses that steady work may have. */
const restMs = 1_000;

/** When each event was sent, by what it will be known by in a frame. */
type SentAt = Map<string, { readonly kind: "urgent" | "fast" | "steady" | "between"; readonly atMs: number }>;

/** From the moment that a student's event is sent until a dashboard has the frame that shows it, parsed. */
export async function live(settings: Settings): Promise<Figure[]> {
  const { runs, progress } = settings;
  progress("starting a class of 200 students and 10 dashboards");
  await using system = await System.start();
  const access = await system.makeClass();
  const students = await system.mint(access, scaled(studentCount, settings));
  const sockets = await openAll(system.url, students);
  const pages = students.map(() => new Page());
  const sent: SentAt = new Map();
  const latencies = { urgent: newList(), fast: newList(), steady: newList(), between: newList() };
  const newShow = () => {
    const known = new Set<string>();
    return (atMs: number, entity: Entity): void => {
      for (const key of keysOf(entity)) {
        const found = sent.get(key);
        // What a frame showed is in all later frames of the student too.
        if (found === undefined || known.has(key)) continue;
        known.add(key);
        latencies[found.kind].push({ key, tookMs: atMs - found.atMs });
      }
    };
  };
  const opening = Array.from({ length: watchers }, () => Dashboard.open(system.url, access, newShow()));
  const dashboards = await Promise.all(opening);
  const figures = new Figures();
  let number = 0;

  const send = async (client: number, startMs: number): Promise<void> => {
    const [page, student, socket] = [pages[client], students[client], sockets[client]];
    if (!page || !student || !socket) throw new RangeError("There is no such student.");
    const inFrame = (events: readonly SentEvent[]) => socket.send(eventsFrame(events, Date.now()));
    number += 1;
    const nowMs = Date.now();
    const atMs = performance.now();
    if (number % urgentEvery === 0) {
      const helpId = randomUUID();
      sent.set(`help ${helpId}`, { kind: "urgent", atMs });
      await inFrame([page.event(nowMs, { eventType: "help", helpId })]);
      return inFrame([page.event(Date.now(), { eventType: "help_stop", helpId })]);
    }
    if (number % urgentEvery === urgentEvery / 2) {
      const cellId = randomUUID();
      sent.set(`streak ${student.id} ${cellId}`, { kind: "urgent", atMs });
      return inFrame(Array.from({ length: streak }, () => page.event(nowMs, errorOf(cellId))));
    }
    const sinceMs = atMs - startMs;
    const isFast = sinceMs < steadyAfterMs - steadyMarginMs;
    const isSteady = sinceMs > steadyAfterMs + steadyMarginMs;
    const next = page.next(nowMs);
    const isStart = next["eventType"] === startType;
    // A student's last run shows no id; a duration that no other run has stands in for it.
    const event = isStart ? next : { ...next, executionDurationMs: number };
    const key = isStart ? `start ${String(next["executionId"])}` : `end ${student.id} ${number}`;
    sent.set(key, { kind: isFast ? "fast" : isSteady ? "steady" : "between", atMs });
    return inFrame([event]);
  };

  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}`);
    sent.clear();
    for (const list of Object.values(latencies)) list.length = 0;
    const cpuBefore = processorMs(system.workerPid);
    const framesBefore = framesOf(dashboards);
    const startMs = performance.now();
    const ackMs = await arriveAll(perSecond, students.length, settings.quick ? 7_000 : runMs, (client) =>
      send(client, startMs),
    );
    const tookMs = performance.now() - startMs;
    await delay(restMs);
    const labels = {
      urgent: "raised hands and error streaks",
      fast: "the rest, first 4 s",
      steady: "the rest, after 6 s",
    };
    for (const kind of ["urgent", "fast", "steady"] as const) {
      const seenMs = latencies[kind].map((seen) => seen.tookMs);
      figures.add(`${labels[kind]}: p50`, percentile(seenMs, 0.5), "ms");
      figures.add(`${labels[kind]}: p99`, percentile(seenMs, 0.99), "ms");
    }
    const shown = new Set(Object.values(latencies).flatMap((list) => list.map(({ key }) => key)));
    figures.add("events seen in a frame of their own", (shown.size / sent.size) * 100, "%");
    figures.add("ack p99", percentile(ackMs, 0.99), "ms");
    const frames = (framesOf(dashboards) - framesBefore) / watchers;
    figures.add("frames to a dashboard", (frames / tookMs) * 1000, "/s");
    const busy = (processorMs(system.workerPid) - cpuBefore) / tookMs;
    figures.add("share of one processor that the worker takes", busy * 100, "%");
  }
  for (const socket of [...sockets, ...dashboards]) socket.close();
  return figures.list();
}

function newList(): { readonly key: string; readonly tookMs: number }[] {
  return [];
}

function framesOf(dashboards: readonly Dashboard[]): number {
  return dashboards.reduce((sum, { frames }) => sum + frames, 0);
}

function errorOf(cellId: string): SentEvent {
  return {
    eventType: "cell_execution_error",
    notebookPath: "week1/loops.ipynb",
    cellId,
    cellIndex: 1,
    cellType: "code",
    executionId: randomUUID(),
    errorName: "KeyError",
    errorMessage: "'a'",
  };
}

/** What of an entity says which event it shows. */
function keysOf(entity: Entity): string[] {
  if (entity.kind !== "student" || entity.data === null) return [];
  const { running, lastRun, help, streak: errorsInARow } = entity.data;
  return [
    ...(running === undefined ? [] : [`start ${running.executionId}`]),
    ...(lastRun === undefined ? [] : [`end ${entity.id} ${lastRun.durationMs}`]),
    ...(help === undefined ? [] : [`help ${help.helpId}`]),
    ...(errorsInARow < streak ? [] : [`streak ${entity.id} ${lastRun?.cellId}`]),
  ];
}
