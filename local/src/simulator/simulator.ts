import { keepCredential, type Platform, systemPlatform } from "@cell-monitor/client";
import type { Log } from "@cell-monitor/gateway";
import { studentCredentialSchema } from "@cell-monitor/protocol";

import { Api } from "../api.ts";
import type { Action } from "./actions.ts";
import { notebooks } from "./course.ts";
import { Device } from "./device.ts";
import { play } from "./player.ts";
import { rosterOf, type SimulatedStudent } from "./roster.ts";
import { defaultPlan, lessonSchedule } from "./schedule.ts";

export interface SimulatorOptions {
  readonly url: string;
  readonly classKey: string;
  readonly students: number;
  /** The same seed, the same class. */
  readonly seed?: number;
  readonly platform?: Platform;
  readonly log: Log;
}

export interface Simulator {
  close(): Promise<void>;
}

const defaultSeed = 2025;
/** Where the first lesson is when the simulation starts: in the middle, so that there is something to see. */
const headStartMs = 19 * 60_000;
/** From the end of a lesson to the start of the next one. */
const pauseMs = 60_000;
const mintsAtOnce = 6;
const fillWithinMs = 10_000;
const leaveWithinMs = 2_000;

/** Starts a class that works through one lesson after the other, for ever. Resolves when what lies behind is sent. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { students, seed = defaultSeed, platform = systemPlatform, log } = options;
  const devices = await openDevices(options, rosterOf(seed, students), platform);
  let stop: () => void = () => {};

  const beginLesson = (number: number, startMs: number): void => {
    const notebook = notebooks[number % notebooks.length];
    if (notebook === undefined) throw new Error("The course has no notebook.");
    for (const device of devices) device.beginLesson();
    const actions = lessonSchedule({ seed: seed + number, students, notebook });
    const nextMs = startMs + defaultPlan.lengthMs + pauseMs;
    const stopActions = play(actions, startMs, platform, ({ student, deed }: Action, dueMs) => {
      devices[student]?.perform(deed, dueMs);
    });
    const cancelNext = platform.after(Math.max(0, nextMs - platform.now()), () =>
      beginLesson(number + 1, nextMs),
    );
    stop = () => {
      stopActions();
      cancelNext();
    };
  };

  beginLesson(0, platform.now() - headStartMs);
  const wasFilled = await within(platform, fillWithinMs, untilSent(devices, platform));
  if (!wasFilled) log("simulator_warn", { message: "The class's past is still being sent." });

  return {
    close: async () => {
      stop();
      const nowMs = platform.now();
      await within(platform, leaveWithinMs, Promise.all(devices.map((device) => device.leave(nowMs))));
    },
  };
}

/** A device for each student, each with a credential that the class key minted, as a Hub would. */
async function openDevices(
  { url, classKey }: SimulatorOptions,
  roster: readonly SimulatedStudent[],
  platform: Platform,
): Promise<Device[]> {
  const api = new Api(url);
  const devices: Device[] = [];
  const waiting = roster.entries();
  const work = async (): Promise<void> => {
    for (const [index, body] of waiting) {
      const credential = await api.call(studentCredentialSchema, "/auth/student-credential", {
        bearer: classKey,
        body,
      });
      const credentials = keepCredential({ server: url, credential, isNew: true, platform });
      const { classId } = credential;
      devices[index] = new Device({ server: url, classId, credentials, platform });
    }
  };
  await Promise.all(Array.from({ length: mintsAtOnce }, work));
  return devices;
}

/** Resolves when the devices have nothing left to send but what a lost connection holds back. */
async function untilSent(devices: readonly Device[], platform: Platform): Promise<void> {
  while (devices.some((device) => device.isOnline && device.unsent > 0)) {
    await new Promise<void>((resolve) => platform.after(20, resolve));
  }
}

/** Whether it settled within that time. */
function within(platform: Platform, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = platform.after(limitMs, () => resolve(false));
    work.then(
      () => {
        cancel();
        resolve(true);
      },
      (error: unknown) => {
        cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
