import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import {
  bearerSubprotocolPrefix,
  type Entity,
  instructorFrameSchema,
  liveSubprotocol,
} from "@cell-monitor/protocol";
import * as v from "valibot";

import { createDatabase } from "../database.ts";
import { type Figure, Figures, percentile } from "../figures.ts";
import { Poster } from "../http.ts";
import { bodyOf, Page, startType } from "../lesson.ts";
import { arrive } from "../load.ts";
import { mintStudents, type Stack, startStack } from "../stack.ts";

const students = 200;
const watchers = 10;
/** Each student sends one event a second. */
const perSecond = students;
const runMs = 10_000;
/** Past it frames go out at ten a second; what lies around it is counted to neither. */
const steadyAfterMs = 5_000;
const steadyMarginMs = 1_000;
const helpEvery = 50;
/** Longer than the pauses that steady work may have. */
const restMs = 1_000;

/** When each event was sent, by what it will be known by in a frame. */
type SentAt = Map<string, { readonly kind: "help" | "fast" | "steady" | "between"; readonly atMs: number }>;

type Show = (atMs: number, entity: Entity) => void;

/** From the moment that a student's event is sent until a dashboard has the frame that shows it. */
export async function live(runs: number): Promise<Figure[]> {
  await using database = await createDatabase();
  await using stack = await startStack(database?.url);
  const senders = await mintStudents(stack, students);
  const poster = new Poster(`${stack.url}/api/v1/events`, students);
  const sent: SentAt = new Map();
  const latencies = { help: newList(), fast: newList(), steady: newList(), between: newList() };
  const newDashboard = (): Show => {
    const known = new Set<string>();
    return (atMs, entity) => {
      for (const key of keysOf(entity)) {
        const found = sent.get(key);
        // What a frame showed is in all later frames of the student too.
        if (found === undefined || known.has(key)) continue;
        known.add(key);
        latencies[found.kind].push({ key, tookMs: atMs - found.atMs });
      }
    };
  };
  const sockets = await Promise.all(Array.from({ length: watchers }, () => watch(stack, newDashboard())));
  const figures = new Figures();
  const pages = senders.map(() => new Page());
  let number = 0;
  for (let run = 0; run < runs; run += 1) {
    sent.clear();
    for (const list of Object.values(latencies)) list.length = 0;
    const startMs = performance.now();
    const send = async (client: number): Promise<void> => {
      const [page, sender] = [pages[client], senders[client]];
      if (page === undefined || sender === undefined) throw new RangeError("There is no such student.");
      number += 1;
      const nowMs = Date.now();
      const atMs = performance.now();
      if (number % helpEvery === 0) {
        const helpId = randomUUID();
        sent.set(`help ${helpId}`, { kind: "help", atMs });
        const events = [page.event(nowMs, { eventType: "help", helpId })];
        await poster.post(bodyOf(events, nowMs), sender.token);
        const stop = [page.event(Date.now(), { eventType: "help_stop", helpId })];
        await poster.post(bodyOf(stop, Date.now()), sender.token);
        return;
      }
      const sinceMs = atMs - startMs;
      const isFast = sinceMs < steadyAfterMs - steadyMarginMs;
      const isSteady = sinceMs > steadyAfterMs + steadyMarginMs;
      const kind = isFast ? "fast" : isSteady ? "steady" : "between";
      const next = page.next(nowMs);
      const isStart = next["eventType"] === startType;
      // A student's last run shows no id; a duration that no other run has stands in for it.
      const event = isStart ? next : { ...next, executionDurationMs: number };
      const key = isStart ? `start ${String(next["executionId"])}` : `end ${sender.id} ${number}`;
      sent.set(key, { kind, atMs });
      await poster.post(bodyOf([event], nowMs), sender.token);
    };
    const ackMs = await arrive(perSecond, students, runMs, send);
    await delay(restMs);
    const labels = { help: "raised hands", fast: "the rest, first 4 s", steady: "the rest, after 6 s" };
    for (const kind of ["help", "fast", "steady"] as const) {
      const tookMs = latencies[kind].map((seen) => seen.tookMs);
      figures.add(`${labels[kind]}: p50`, percentile(tookMs, 0.5), "ms");
      figures.add(`${labels[kind]}: p99`, percentile(tookMs, 0.99), "ms");
    }
    const shown = new Set(Object.values(latencies).flatMap((list) => list.map(({ key }) => key)));
    figures.add("events seen in a frame of their own", (shown.size / sent.size) * 100, "%");
    figures.add("ack p99", percentile(ackMs, 0.99), "ms");
  }
  poster.close();
  for (const socket of sockets) socket.close();
  return figures.list();
}

function newList(): { readonly key: string; readonly tookMs: number }[] {
  return [];
}

/** What of an entity says which event it shows. */
function keysOf(entity: Entity): string[] {
  if (entity.kind !== "student" || entity.data === null) return [];
  const { running, lastRun, help } = entity.data;
  return [
    ...(running === undefined ? [] : [`start ${running.executionId}`]),
    ...(lastRun === undefined ? [] : [`end ${entity.id} ${lastRun.durationMs}`]),
    ...(help === undefined ? [] : [`help ${help.helpId}`]),
  ];
}

/** Opens a dashboard's socket, resolves with the first frame, and acknowledges as a dashboard does. */
async function watch(stack: Stack, show: Show): Promise<WebSocket> {
  const { url, classId, instructorToken } = stack;
  const protocols = [liveSubprotocol, `${bearerSubprotocolPrefix}${instructorToken}`];
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/live/${classId}`, protocols);
  socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const atMs = performance.now();
    const frame = v.parse(instructorFrameSchema, JSON.parse(String(data)));
    if (frame.type === "error") throw new Error(`The class says ${frame.code}: ${frame.message}`);
    socket.send(JSON.stringify({ type: "seen", epoch: frame.epoch, to: frame.to }));
    if (frame.type === "patch") for (const entity of frame.entities) show(atMs, entity);
  });
  await once(socket, "open", { signal: AbortSignal.timeout(10_000) });
  return socket;
}
