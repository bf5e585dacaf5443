import { databaseHealthSchema, healthSchema } from "@cell-monitor/protocol";
import { expect, it, vi } from "vitest";
import { call, codeOf, read } from "../api.ts";

it.for(["/health", "/api/v1/health"])("%s says that the worker is set up", async (path) => {
  expect(await read(await call(path), healthSchema)).toEqual({ status: "healthy" });
});

it("the database is asked once for all who want to know at about one time", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  const paths = Array.from({ length: 20 }, (_, n) => `/api/v1/health/${n % 2 === 0 ? "database" : "ready"}`);
  const answers = await Promise.all(paths.map(async (path) => read(await call(path), databaseHealthSchema)));
  expect(new Set(answers.map(({ checked_at }) => checked_at)).size).toBe(1);
  expect(fetched).toHaveBeenCalledOnce();
  fetched.mockRestore();
});

it("what is known of one database is not said of another", async () => {
  const env = { NEON_SQL_URL: "http://127.0.0.1:9/sql" };
  expect(await codeOf(await call("/api/v1/health/ready", { env }))).toBe("unavailable");
  expect((await call("/api/v1/health/ready")).status).toBe(200);
});
