import { beforeAll, describe, expect, it } from "vitest";
import { call, codeOf, newClass, newEvent, newInstructor, newStudent, post, type TestClass } from "../api.ts";

const secret = "m".repeat(32);
const env = { METRICS_TOKEN: secret };

let made: TestClass;
beforeAll(async () => {
  made = await newClass();
});

const scrape = (query = "", token = secret, changes = {}) =>
  call(`/metrics${query}`, { token, env: { ...env, ...changes } });

/** Figures by what they are called, labels included. */
async function figures(response: Response): Promise<Map<string, number>> {
  const lines = (await response.text()).split("\n").filter((text) => text !== "" && !text.startsWith("#"));
  return new Map(
    lines.map((text) => {
      const end = text.lastIndexOf(" ");
      return [text.slice(0, end), Number(text.slice(end + 1))];
    }),
  );
}

describe("metrics", () => {
  it("come in Prometheus's text format, each with its help and type", async () => {
    const response = await scrape();
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).toContain("# HELP cell_monitor_classes Classes.\n# TYPE cell_monitor_classes gauge\n");
    for (const line of text.trimEnd().split("\n")) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) .+|[a-z_]+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? \d+)$/);
    }
  });

  it("count what there is", async () => {
    const before = await figures(await scrape());
    await newClass();
    const after = await figures(await scrape());
    const active = 'cell_monitor_classes{state="active"}';
    expect((after.get(active) ?? 0) - (before.get(active) ?? 0)).toBeGreaterThanOrEqual(1);
    expect(after.get("cell_monitor_database_up")).toBe(1);
    expect(after.get('cell_monitor_build_info{version="0.1.0"}')).toBe(1);
  });

  it("tell of a class that is named what its object knows", async () => {
    const { token } = await newStudent(made);
    await post(
      token,
      [1, 3].map((sequence) => newEvent({ sessionId: "s", sequence })),
    );
    const found = await figures(await scrape(`?class_id=${made.class.id}`));
    const of = (name: string, labels = "") =>
      found.get(`cell_monitor_class_${name}{class_id="${made.class.id}"${labels}}`);
    expect([
      of("students"),
      of("sessions"),
      of("events_received"),
      of("events_missing"),
      of("events_lost"),
    ]).toEqual([1, 1, 2, 1, 0]);
    expect(of("dead_letters", ',sink="postgres"')).toBe(0);
    expect(await codeOf(await scrape(`?class_id=${crypto.randomUUID()}`))).toBe("class_not_found");
    expect(await codeOf(await scrape("?class_id=nonsense"))).toBe("invalid_body");
  });

  it("say so where the database does not answer", async () => {
    const found = await figures(await scrape("", secret, { NEON_SQL_URL: "http://127.0.0.1:9/sql" }));
    expect(found.get("cell_monitor_database_up")).toBe(0);
    expect([...found.keys()].some((name) => name.startsWith("cell_monitor_classes"))).toBe(false);
  });

  it("are for administrators and whoever has the scraper's token, and for nobody else", async () => {
    expect((await scrape("", made.admin)).status).toBe(200);
    expect(await codeOf(await scrape("", (await newInstructor(made)).token))).toBe("forbidden");
    expect(await codeOf(await scrape("", made.key))).toBe("forbidden");
    expect(await codeOf(await scrape("", `${secret}m`))).toBe("unauthenticated");
    expect(await codeOf(await call("/metrics", { env }))).toBe("unauthenticated");
  });

  it.each([
    ["absent", {}],
    ["empty", { METRICS_TOKEN: "" }],
    ["short", { METRICS_TOKEN: "short" }],
  ])("are opened by no token where it is %s", async (_name, changes) => {
    for (const token of ["", "short", "undefined"]) {
      expect(await codeOf(await call("/metrics", { token, env: changes }))).toBe("unauthenticated");
    }
  });
});
