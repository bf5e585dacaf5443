import { setTimeout as delay } from "node:timers/promises";

import { type Figure, Figures } from "../figures.ts";
import { arriveAll } from "../load.ts";
import { cloudflare, stores } from "../prices.ts";
import { recordedEvents } from "../recorded-class.ts";
import { scaled, type Settings } from "../settings.ts";
import { Dashboard } from "../sockets/dashboard.ts";
import { eventsFrame, openAll } from "../sockets/students.ts";
import { type Counts, System } from "../system/system.ts";

const studentCount = 200;
const eventsAMinute = 2;
/** Four times as long as an event may wait for a drain. */
const windowMs = 20_000;
const settleMs = 8_000;
const idleForMs = 15_000;
const hourMs = 3_600_000;
const per = 1_000;

/** What happens once or a few times an hour and is not in the window: a connection, and a new token every 15 minutes. */
const hourly = { connections: 1, renewals: 4, pings: 120 } as const;
/** A connection asks the class whether the credential stands, and is then handed to it; a renewal only asks. */
const callsAConnection = 2;
/** That a real store takes longer over a request than one on this machine; the object waits, and is charged. */
const slowerStoreMs = 100;
const retentionMonths = 6;

/**
 * What a class of 200 costs at two events a minute each, counted in real time: in less, events would share rows that
 * they don't share in a class. Without the allowances of a plan.
 */
export async function cost(settings: Settings): Promise<Figure[]> {
  const { runs, progress } = settings;
  progress("starting a class of 200 students");
  await using system = await System.start({ probe: true });
  const access = await system.makeClass();
  const students = await system.mint(access, scaled(studentCount, settings));
  const sockets = await openAll(system.url, students);
  const dashboard = await Dashboard.open(system.url, access);
  const startMs = Date.now();
  const events = students.map(() => recordedEvents("activity", startMs).values());
  const send = async (client: number): Promise<void> => {
    const [socket, next] = [sockets[client], events[client]?.next()];
    if (!socket || next?.done !== false) throw new RangeError("There is no such event.");
    await socket.send(eventsFrame([next.value], Date.now()));
  };
  const figures = new Figures();
  const lengthMs = settings.quick ? 1_000 : windowMs;
  const perSecond = settings.quick ? students.length : (students.length * eventsAMinute) / 60;
  let bytesAfterFirst = 0;
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}: ${lengthMs / 1000} s of class`);
    const before = await system.counts();
    await arriveAll(perSecond, sockets.length, lengthMs, send);
    const after = await system.counts();
    // By then the tables are there, which a longer class does not pay for again.
    if (run === 0) bytesAfterFirst = after.databaseBytes;
    price(figures, difference(before, after), (students.length * lengthMs) / hourMs);
  }
  progress("an idle class");
  await delay(settings.quick ? 1_000 : settleMs);
  const before = await system.counts();
  if (runs > 1) {
    const events = (runs - 1) * Math.floor((perSecond * lengthMs) / 1000);
    const bytes = ((before.databaseBytes - bytesAfterFirst) / events) * eventsAMinute * 60 * per;
    const kept = (bytes / 1e9) * retentionMonths * cloudflare.gigabyteMonth;
    figures.add("kept for 180 days by the object, 1,000 student-hours (not promised)", kept, "$");
  }
  await delay(settings.quick ? 500 : idleForMs);
  const idle = difference(before, await system.counts());
  const { rowsWritten, calls, frames, alarms, activeMs } = idle;
  figures.add("an idle class: rows written and calls taken", rowsWritten + calls + frames + alarms, "");
  figures.add("an idle class: active time", activeMs, "ms");
  for (const socket of [...sockets, dashboard]) socket.close();
  return figures.list();
}

type Amounts = Omit<Counts, "written" | "constructed" | "checkpoints" | "databaseBytes"> & {
  readonly logRows: number;
};

function difference(before: Counts, after: Counts): Amounts {
  return {
    frames: after.frames - before.frames,
    calls: after.calls - before.calls,
    alarms: after.alarms - before.alarms,
    rowsWritten: after.rowsWritten - before.rowsWritten,
    storeRequests: after.storeRequests - before.storeRequests,
    influxBytes: after.influxBytes - before.influxBytes,
    activeMs: after.activeMs - before.activeMs,
    logRows: (after.written["log_day"] ?? 0) - (before.written["log_day"] ?? 0),
  };
}

/** @param studentHours that the amounts are of */
function price(figures: Figures, amounts: Amounts, studentHours: number): void {
  const scale = per / studentHours;
  const { connections, renewals, pings } = hourly;
  const frames = amounts.frames * scale + (pings + renewals) * per;
  const calls = (amounts.calls + amounts.alarms) * scale + (connections * callsAConnection + renewals) * per;
  const objectRequests = calls + frames / cloudflare.framesARequest;
  const workerRequests = (connections + renewals) * per;
  const activeSeconds = ((amounts.activeMs + amounts.storeRequests * slowerStoreMs) / 1000) * scale;
  const gigabyteSeconds = activeSeconds * cloudflare.objectGigabytes;
  const rows = amounts.rowsWritten * scale;
  const [requestsCost, timeCost, rowsCost] = [
    workerRequests * cloudflare.workerRequest + objectRequests * cloudflare.objectRequest,
    gigabyteSeconds * cloudflare.gigabyteSecond,
    rows * cloudflare.rowWritten,
  ];
  figures.add("rows written, 1,000 student-hours", rows, "rows");
  figures.add("rows of the log, 1,000 student-hours", amounts.logRows * scale, "rows");
  figures.add("frames received, 1,000 student-hours", frames, "frames");
  figures.add("requests to the object, 1,000 student-hours", objectRequests, "requests");
  figures.add("active time, 1,000 student-hours", gigabyteSeconds, "GB-s");
  const wholeSeconds = (studentHours * scale * hourMs) / studentCount / 1000;
  figures.add("share of the class's time that is charged", (activeSeconds / wholeSeconds) * 100, "%");
  figures.add("rows, 1,000 student-hours", rowsCost, "$");
  figures.add("time, 1,000 student-hours", timeCost, "$");
  figures.add("requests, 1,000 student-hours", requestsCost, "$");
  figures.add("Cloudflare, 1,000 student-hours", rowsCost + timeCost + requestsCost, "$");
  const classHours = per / studentCount;
  const postgres = classHours * stores.neonComputeUnits * stores.neonComputeHour;
  figures.add("Postgres, 1,000 student-hours (estimate)", postgres, "$");
  const influx = ((amounts.influxBytes * scale) / 1e6) * stores.influxMegabyteIn;
  figures.add("InfluxDB, 1,000 student-hours (estimate)", influx, "$");
}
