import {
  classCellSchema,
  classErrorSchema,
  overviewResponseSchema,
  timelineResponseSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { call, codeOf, read, refusalOf } from "../api.ts";
import { type History, minute, newHistory } from "./history.ts";

let history: History;
beforeAll(async () => {
  history = await newHistory();
});

const get = (path: string, token = history.token) => call(`${history.root}${path}`, { token });
const span = `from=${minute(-5)}&to=${minute(120)}`;

describe("an overview", () => {
  it("counts who is there, what ran and who waits", async () => {
    expect(await read(await get("/overview"), overviewResponseSchema)).toMatchObject({
      students: { total: 2, rostered: 2, seen: 2, active: 0 },
      runs: { total: 6, errors: 3, running: 0 },
      help: 1,
      notebooks: 1,
      assignments: 0,
      submissions: { total: 0, ungraded: 0 },
      last_activity_at: minute(62),
    });
  });

  it("counts for a teaching assistant those of their sections", async () => {
    expect(await read(await get("/overview", history.ta), overviewResponseSchema)).toMatchObject({
      students: { total: 1 },
      runs: { total: 3, errors: 1 },
      help: 0,
      last_activity_at: minute(3),
    });
  });
});

describe("cells", () => {
  const cells = async (query: string, token?: string) =>
    read(await get(`/cells?${query}`, token), v.array(classCellSchema));

  it("come in the order of their notebooks, without what the kernel turned away", async () => {
    expect(await cells(span)).toEqual([
      expect.objectContaining({
        cell_id: "c1",
        runs: 2,
        errors: 0,
        students: 2,
        students_done: 2,
        median_ms: 2000,
      }),
      expect.objectContaining({
        notebook: "week1.ipynb",
        cell_id: "c2",
        runs: 4,
        errors: 3,
        students: 2,
        students_done: 1,
        median_ms: 1250,
        last_run_at: minute(62),
      }),
    ]);
  });

  it("count what happened in the time that is asked for, and come page by page", async () => {
    expect(await cells(`from=${minute(1)}&to=${minute(2)}`)).toMatchObject([
      { cell_id: "c2", runs: 1, errors: 1 },
    ]);
    const page = await get("/cells?skip=1&limit=1");
    expect(page.headers.get("x-total-count")).toBe("2");
    expect(await read(page, v.array(classCellSchema))).toMatchObject([{ cell_id: "c2" }]);
    expect(await cells(`notebook_id=${crypto.randomUUID()}`)).toEqual([]);
  });

  it("count for a teaching assistant what those of their sections did", async () => {
    expect(await cells("", history.ta)).toMatchObject([{ runs: 1 }, { runs: 2, errors: 1 }]);
  });
});

describe("mistakes", () => {
  const errors = async (token?: string) => read(await get("/errors", token), v.array(classErrorSchema));

  it("come like with like, what most students made first", async () => {
    expect(await errors()).toEqual([
      {
        fingerprint: "f-NameError",
        name: "NameError",
        message: `NameError of ${history.bob}`,
        count: 2,
        students: 2,
        cells: 1,
        first_at: minute(1),
        last_at: minute(61),
      },
      expect.objectContaining({ fingerprint: "f-TypeError", count: 1, students: 1 }),
    ]);
  });

  it("come to researchers without what the kernel said", async () => {
    expect((await errors(history.researcher)).map(({ message }) => message)).toEqual([null, null]);
  });
});

describe("a timeline", () => {
  const timeline = async (query: string, token?: string) =>
    read(await get(`/timeline?${query}`, token), timelineResponseSchema);

  it("has every minute, those without anything too", async () => {
    const { bucket, buckets } = await timeline(`from=${minute(60)}&to=${minute(64)}`);
    expect(bucket).toBe("minute");
    const nothing = { events: 0, runs: 0, errors: 0, active: 0, help: 0 };
    expect(buckets).toEqual([
      { start: minute(60), ...nothing },
      { start: minute(61), ...nothing, events: 2, runs: 2, errors: 1, active: 1 },
      { start: minute(62), ...nothing, events: 2, runs: 1, errors: 1, active: 1 },
      { start: minute(63), ...nothing, events: 1, active: 1, help: 1 },
    ]);
  });

  it("goes by hours over days, in whole ones", async () => {
    const { from, to, bucket, buckets } = await timeline(`from=${minute(1)}&to=${minute(26 * 60)}`);
    expect([from, to, bucket, buckets.length]).toEqual([minute(0), minute(26 * 60), "hour", 26]);
    expect(buckets.slice(0, 3).map(({ runs, active }) => [runs, active])).toEqual([
      [3, 1],
      [3, 1],
      [0, 0],
    ]);
    expect((await timeline(`${span}&bucket=day`)).buckets).toMatchObject([{ runs: 6, active: 2 }]);
  });

  it("is of the last three hours where nothing is said", async () => {
    expect((await timeline("")).buckets.length).toBeGreaterThanOrEqual(180);
  });

  it("shows a teaching assistant what those of their sections did", async () => {
    expect((await timeline(`${span}&bucket=day`, history.ta)).buckets).toMatchObject([
      { runs: 3, active: 1 },
    ]);
  });

  it.for([
    `from=${minute(1)}&to=${minute(1)}`,
    `from=${minute(0)}&to=${minute(24 * 60 + 1)}&bucket=minute`,
    `from=${minute(0)}&to=${minute(401 * 24 * 60)}`,
    "from=yesterday",
  ])("is not of %s", async (query) => {
    expect(await refusalOf(await get(`/timeline?${query}`))).toMatchObject({
      code: "invalid_body",
      details: expect.arrayContaining([expect.objectContaining({ field: "from" })]),
    });
  });
});

describe.for(["/overview", "/cells", "/errors", "/timeline", "/students"])("%s", (path) => {
  it("is none of a class that isn't there, and not for students", async () => {
    const nowhere = `/api/v1/classes/${crypto.randomUUID()}${path}`;
    expect(await codeOf(await call(nowhere, { token: history.made.admin }))).toBe("class_not_found");
    expect(await codeOf(await get(path, await history.tokenOf(history.ann)))).toBe("forbidden");
  });
});
