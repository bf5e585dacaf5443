/** What the platform charges for, counted since the start of the process, of all objects in it. */
export const counts = {
  /** Instances made, by a first call or a waking. */
  constructed: 0,
  /** Frames that sockets brought. */
  frames: 0,
  /** Upgrades and calls. */
  calls: 0,
  alarms: 0,
  /** Reading them costs a thousandth, and isn't counted. */
  rowsWritten: 0,
  /** Statements that write, by the table they write to. */
  written: new Map<string, number>(),
  checkpoints: 0,
  storeRequests: 0,
  /** Of line protocol, which InfluxDB's makers charge by. */
  influxBytes: 0,
  /** Of the class whose alarm came last. */
  databaseBytes: 0,
  /** Time in which an object had something under way that keeps it in memory. */
  activeMs: 0,
};

let underWay = 0;
let sinceMs = 0;

/** Marks the begin of something that keeps an object in memory; what it returns marks the end, once. */
export function begin(): () => void {
  if (underWay === 0) sinceMs = performance.now();
  underWay += 1;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    underWay -= 1;
    if (underWay === 0) counts.activeMs += performance.now() - sinceMs;
  };
}

/** Counts the time until the work is done. */
export function during<T>(work: () => T): T {
  const end = begin();
  let result: T;
  try {
    result = work();
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) void result.then(end, end);
  else end();
  return result;
}
