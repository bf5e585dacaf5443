import type { Completeness, Entity, SnapshotFrame } from "@cell-monitor/protocol";
import { holderOf, View } from "./dashboard.ts";
import { Disk } from "./disk.ts";
import { Host } from "./host.ts";
import { isRefusable, type Tab } from "./person.ts";
import type { Schedule } from "./schedule.ts";
import { World } from "./world.ts";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** What must be so once all is healed and drained. */
export async function checkAll(schedule: Schedule): Promise<void> {
  checkDrained(schedule);
  checkStored(schedule);
  checkRest(schedule);
  if (schedule.world.violation) return;
  await checkCompleteness(schedule);
  await checkViews(schedule);
}

function checkDrained({ world, tabs, log, stores, unnumbered }: Schedule): void {
  for (const tab of tabs) {
    if (tab.end === "open" && !tab.isSettled) {
      world.broken(`${tab.sessionId} still holds ${tab.sender.queue.size} events`);
    }
  }
  for (const { name } of stores) {
    if (log.cursor(name) < log.version) world.broken(`${name} is at ${log.cursor(name)} of ${log.version}`);
  }
  for (const [eventId, state] of unnumbered) {
    if (state === "pending") world.broken(`un-numbered ${eventId} was never acknowledged`);
    else if (!log.events.has(`student-0/${eventId}`))
      world.broken(`un-numbered ${eventId} is not in the log`);
  }
}

/** Every event of the log is in every store, or a dead letter; every event of an open page is in the log. */
function checkStored({ world, log, stores, tabs, faults }: Schedule): void {
  for (const store of stores) {
    for (const { version } of log.byVersion) {
      if (store.has(version) || log.letters.get(store.name)?.has(version)) continue;
      world.broken(`${version} is neither in ${store.name} nor a dead letter`);
    }
  }
  for (const tab of tabs) {
    for (const [number, event] of tab.produced) {
      const isLogged = log.events.has(`${tab.studentId}/${tab.sessionId}/${number}`);
      if (isLogged && isRefusable(event))
        world.broken(`${tab.sessionId}/${number} is logged and should be refused`);
      if (isLogged || tab.end !== "open" || isRefusable(event)) continue;
      // What the class kept of the session may have gone with its days.
      if (tab.refused.has(number) && faults.has("days")) continue;
      if (!tab.isDeclaredLost(number)) world.broken(`${tab.sessionId}/${number} is nowhere`);
    }
  }
}

/** Nothing pending: no timer, and no alarm but the one of retention. */
function checkRest({ world, host, disk, tabs }: Schedule): void {
  if (host.timers > 0) world.broken(`the class at rest has ${host.timers} timers`);
  const { alarmMs } = disk;
  // A day of the log has to go at a midnight.
  const isOfRetention = alarmMs !== null && alarmMs % dayMs === 0;
  if (alarmMs !== null && alarmMs < world.now() + hourMs && !isOfRetention) {
    world.broken(`the class at rest has an alarm in ${alarmMs - world.now()} ms`);
  }
  for (const tab of tabs) {
    if (tab.timers > 0) world.broken(`${tab.sessionId} at rest has ${tab.timers} timers`);
  }
}

async function checkCompleteness(schedule: Schedule): Promise<void> {
  const { host, world, tabs } = schedule;
  const holder = holderOf("instructor", world.now());
  const answer = await asked(schedule, () =>
    host.call("completeness", (object) => object.completeness(holder, { skip: 0, limit: 200 })),
  );
  if (!answer?.ok) return world.broken("completeness is not told");
  const sessions = new Map(
    answer.value.students.flatMap(({ student_id, sessions }) =>
      sessions.map((session) => [`${student_id}/${session.session_id}`, session] as const),
    ),
  );
  for (const tab of tabs) {
    const session = sessions.get(`${tab.studentId}/${tab.sessionId}`);
    if (session) checkSession(schedule, tab, session);
    else if (tab.acked.size > 0 && !schedule.faults.has("days")) {
      world.broken(`${tab.sessionId} is missing in the account`);
    }
  }
}

type Session = Completeness["students"][number]["sessions"][number];

/** What the class says of a session, against what its client knows. */
function checkSession({ world, log }: Schedule, tab: Tab, session: Session): void {
  const { highest, received, missing, lost } = session;
  const told = `${tab.sessionId}: ${JSON.stringify(session)}`;
  if (received + missing.count + lost.count !== highest) world.broken(`the sum is wrong of ${told}`);
  let [stored, refused, declared] = [0, 0, 0];
  for (let number = 1; number <= highest; number += 1) {
    const event = tab.produced.get(number);
    if (!event) return world.broken(`${number} was never sent of ${told}`);
    if (log.events.has(`${tab.studentId}/${tab.sessionId}/${number}`)) stored += 1;
    else if (isRefusable(event)) refused += 1;
    else if (tab.isDeclaredLost(number)) declared += 1;
  }
  if (received < stored || received > stored + refused) {
    world.broken(`${stored} stored and ${refused} refused of ${told}`);
  }
  if (tab.end !== "open") return;
  const last = tab.sender.queue.lastSequence;
  if (highest !== last) world.broken(`the client has numbered ${last} of ${told}`);
  if (missing.count > 0) world.broken(`something is missing of ${told}`);
  if (lost.declared > declared + refused || lost.declared < declared) {
    world.broken(`${declared} are declared lost of ${told}`);
  }
}

/** What every watcher sees is what a new one sees, what the next instance says, and what the log says from nothing. */
async function checkViews(schedule: Schedule): Promise<void> {
  const { world, host, dashboards, disk, settings, faults } = schedule;
  const followed = [...new Set(dashboards.flatMap((dashboard) => dashboard.followed))];
  const fresh = await snapshotOf(schedule, host, world, followed);
  if (!fresh) return world.broken("no snapshot is sent");
  // The texts of a run go with its day of the log.
  const dated = faults.has("days") ? ["errorMessage", "code", "result"] : [];
  for (const dashboard of dashboards) {
    if (!dashboard.isConnected) {
      world.broken("a dashboard did not come back");
      continue;
    }
    const isFollowed = (entity: Entity) =>
      (isLasting(entity) || !faults.has("days")) &&
      (entity.kind !== "run" || dashboard.followed.includes(entity.id.split("/")[0] ?? ""));
    compare(world, "a dashboard", "a new one", dashboard.view, fresh, isFollowed, [
      ...volatileFields,
      ...dated,
    ]);
  }
  if (!host.hibernate()) return world.broken("the class at rest does not sleep");
  const next = await snapshotOf(schedule, host, world, followed);
  if (!next) return world.broken("no snapshot is sent after waking");
  compare(world, "the next instance", "the last", next, fresh, () => true, [
    ...volatileFields,
    ...dated,
    "connected",
  ]);
  const scratch = new Disk();
  try {
    const other = new World(world.seed, false);
    const alone = new Host({ world: other, disk: scratch, sinks: () => [], flushed: () => undefined });
    await asked(schedule, () => alone.call("wake", () => undefined), other);
    alone.flush();
    for (const { day } of schedule.log.rows) {
      scratch.run(
        `CREATE TABLE IF NOT EXISTS log_${day} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, body TEXT NOT NULL)`,
      );
    }
    for (const { day, first, last, body } of schedule.log.rows) {
      scratch.run(`INSERT INTO log_${day} (first, last, body) VALUES (?, ?, ?)`, first, last, body);
    }
    alone.crash("to wake from the log alone");
    const [meta] = disk.run("SELECT value FROM meta WHERE key = 'epoch'");
    scratch.run("INSERT INTO meta (key, value) VALUES ('epoch', ?)", String(meta?.["value"]));
    scratch.run("INSERT INTO meta (key, value) VALUES ('settings', ?)", JSON.stringify(settings));
    const folded = await snapshotOf(schedule, alone, other, followed);
    if (!folded) return world.broken("no snapshot is sent from the log alone");
    // What is counted anew for another lesson is named anew.
    const isRenamed = settings.version > 1;
    const isLogged = ({ kind }: Entity) =>
      kind !== "sink" && !(isRenamed && ["lesson", "cell", "error"].includes(kind));
    const fields = [...volatileFields, ...dated, "connected", "missing"];
    compare(world, "the log from nothing", "the class", folded, next, isLogged, fields);
  } finally {
    scratch.close();
  }
}

/** Signs of life that are not in the log are known to the living instance alone. */
const volatileFields = ["seenMs"];

/** A dashboard may show minutes for longer than the class counts them. */
function isLasting({ kind }: Entity): boolean {
  return kind !== "minute";
}

function compare(
  world: World,
  oneName: string,
  otherName: string,
  one: View,
  other: View,
  isCompared: (entity: Entity) => boolean,
  leftOut: readonly string[],
): void {
  const texts = (view: View) =>
    new Map(
      Array.from(view.entities)
        .filter(([, entity]) => entity.data !== null && isCompared(entity))
        .map(([key, { data }]) => [key, textOf(data, leftOut)] as const),
    );
  const [mine, theirs] = [texts(one), texts(other)];
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    if (mine.get(key) === theirs.get(key)) continue;
    world.broken(`${key} is to ${oneName}\n  ${mine.get(key)}\nand to ${otherName}\n  ${theirs.get(key)}`);
    return;
  }
}

function textOf(data: unknown, leftOut: readonly string[]): string {
  return JSON.stringify(data, (key, value: unknown) => {
    if (leftOut.includes(key)) return undefined;
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

async function snapshotOf(
  schedule: Schedule,
  host: Host,
  world: World,
  followed: readonly string[],
): Promise<View | undefined> {
  const view = new View();
  let frames = 0;
  const ears = {
    message: (text: string) => {
      const frame: SnapshotFrame = JSON.parse(text);
      view.apply(frame);
      frames += 1;
    },
    close: () => undefined,
  };
  const opened = host.open(holderOf("instructor", world.now()), "", { delayMs: () => 1 }, ears);
  const answer = await asked(schedule, () => opened, world);
  if (!answer?.ok) return undefined;
  if (followed.length > 0) answer.value.send(JSON.stringify({ type: "subscribe", students: followed }));
  await runFor(world, 100);
  answer.value.closeFromClient();
  await runFor(world, 100);
  return frames > 0 ? view : undefined;
}

async function asked<T>(
  schedule: Schedule,
  ask: () => Promise<T>,
  world = schedule.world,
): Promise<T | undefined> {
  let answer: T | undefined;
  ask().then(
    (value) => {
      answer = value;
    },
    () => undefined,
  );
  await runFor(world, 100);
  return answer;
}

async function runFor(world: World, durationMs: number): Promise<void> {
  const untilMs = world.now() + durationMs;
  world.after(durationMs, () => undefined);
  while (await world.step(untilMs + 1));
}
