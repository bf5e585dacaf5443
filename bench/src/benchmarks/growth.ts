import { type Figure, Figures } from "../figures.ts";
import { openRound } from "../rounds.ts";
import { scaled, type Settings } from "../settings.ts";
import { Dashboard } from "../sockets/dashboard.ts";
import { openAll, type StudentSocket } from "../sockets/students.ts";
import { type ClassAccess, System } from "../system/system.ts";

const studentCounts = [10, 100, 1_000, 10_000];
const classCounts = [1, 10, 100];
const dashboardCounts = [1, 10, 100];
/** Each connection takes two descriptors of the worker's process, which may have 20,000. */
const mostConnected = 5_000;
const usualStudents = 200;
/** So low that the processors have time left: what is asked is what an event costs, not how many fit. */
const perSecond = 2_000;
/** Frames cost by the dashboard, and a hundred of them would leave no time for events at that rate. */
const watchedPerSecond = 200;
const forMs = 1_200;
const watchedForMs = 2_500;

/** What an event costs the worker as students, classes and dashboards become more. Nothing is drained. */
export async function growth(settings: Settings): Promise<Figure[]> {
  const { runs, quick, progress } = settings;
  await using system = await System.start({ sinks: false });
  const figures = new Figures();
  const upTo = (counts: readonly number[]): readonly number[] => (quick ? counts.slice(0, 2) : counts);
  const measure = async (sockets: readonly StudentSocket[]): Promise<number> => {
    const lengthMs = scaled(forMs, settings, 100);
    return (await openRound(system.workerPid, sockets, 1, perSecond, lengthMs)).cpuUsPerEvent;
  };

  for (const count of upTo(studentCounts)) {
    progress(`students: ${count.toLocaleString("en")}`);
    const access = await system.makeClass();
    const students = await system.mint(access, count);
    let sockets: readonly StudentSocket[] = [];
    // Every student is known in the end, and the checkpoint as large as it gets.
    for (let start = 0; start < count; start += mostConnected) {
      for (const socket of sockets) socket.close();
      sockets = await openAll(system.url, students.slice(start, start + mostConnected));
      await openRound(
        system.workerPid,
        sockets,
        1,
        perSecond,
        Math.max(500, (sockets.length / perSecond) * 1000),
      );
    }
    const connected = count > mostConnected ? ` (${mostConnected.toLocaleString("en")} connected)` : "";
    for (let run = 0; run < runs; run += 1) {
      const cpuUs = await measure(sockets);
      figures.add(`${count.toLocaleString("en")} students${connected}: processor time`, cpuUs, "µs/event");
    }
    for (const socket of sockets) socket.close();
  }

  const classes: { readonly access: ClassAccess; readonly sockets: readonly StudentSocket[] }[] = [];
  for (const count of upTo(classCounts)) {
    progress(`classes: ${count}`);
    // As many connections in all, so that classes alone are what becomes more.
    const perClass = Math.ceil(usualStudents / count);
    classes.length = 0;
    for (let number = 0; number < count; number += 1) {
      const access = await system.makeClass();
      classes.push({ access, sockets: await openAll(system.url, await system.mint(access, perClass)) });
    }
    const sockets = classes.flatMap((one) => one.sockets);
    await measure(sockets);
    for (let run = 0; run < runs; run += 1) {
      const cpuUs = await measure(sockets);
      figures.add(`${count} class${count === 1 ? "" : "es"}: processor time`, cpuUs, "µs/event");
    }
    for (const socket of sockets) socket.close();
  }

  const access = await system.makeClass();
  const sockets = await openAll(system.url, await system.mint(access, scaled(usualStudents, settings)));
  const dashboards: Dashboard[] = [];
  const framesOf = (): number => dashboards.reduce((sum, { frames }) => sum + frames, 0);
  const lengthMs = scaled(watchedForMs, settings, 200);
  const watchedRound = () => openRound(system.workerPid, sockets, 1, watchedPerSecond, lengthMs);
  await watchedRound();
  for (const count of upTo(dashboardCounts)) {
    progress(`dashboards: ${count}`);
    while (dashboards.length < count) dashboards.push(await Dashboard.open(system.url, access));
    await watchedRound();
    for (let run = 0; run < runs; run += 1) {
      const before = framesOf();
      const round = await watchedRound();
      const label = `${count} dashboard${count === 1 ? "" : "s"}, 200 events/s`;
      figures.add(`${label}: processor time`, round.cpuUsPerEvent, "µs/event");
      const perSocket = (framesOf() - before) / count / (lengthMs / 1000);
      figures.add(`${label}: frames a dashboard`, perSocket, "/s");
    }
  }
  for (const socket of [...sockets, ...dashboards]) socket.close();
  return figures.list();
}
