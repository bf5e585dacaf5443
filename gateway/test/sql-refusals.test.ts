import { neon } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Gateway, startGateway } from "../src/index.ts";
import { gatewayForTest, openGateway, PASSWORD, TOKEN } from "./gateways.ts";

describe("/sql refuses", () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await openGateway();
  });
  afterAll(() => gateway.close());

  function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(gateway.sqlUrl, {
      method: "POST",
      body,
      headers: {
        "Neon-Connection-String": gateway.databaseUrl,
        "Neon-Raw-Text-Output": "true",
        "Neon-Array-Mode": "true",
        ...headers,
      },
    });
  }

  it.each([
    ["another password", "postgresql://cell_monitor:wrong-password-123@host/postgres"],
    ["another user", `postgresql://postgres:${encodeURIComponent(PASSWORD)}@host/postgres`],
    [
      "user and password run together differently",
      `postgresql://cell:${encodeURIComponent(`_monitor:${PASSWORD}`)}@h/p`,
    ],
    ["no password", "postgresql://cell_monitor@host/postgres"],
    ["no URL", "cell_monitor"],
    ["a broken escape", "postgresql://cell_monitor:%E0%A4%A@host/postgres"],
    ["nothing", ""],
  ])("with 401 a connection string with %s", async (_what, connectionString) => {
    const response = await post('{"query":"SELECT 1"}', { "Neon-Connection-String": connectionString });

    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(PASSWORD);
  });

  it("with 401 a wrong password, so that Neon's driver says it", async () => {
    const sql = neon(gateway.databaseUrl.replace(/:[^:@]+@/, ":wrong@"));

    await expect(sql`SELECT 1`).rejects.toThrow(/HTTP status 401.*password is wrong/);
  });

  it.each([
    ["malformed JSON", '{"query":'],
    ["an empty body", ""],
    ["a body of another shape", '{"sql":"SELECT 1"}'],
    ["a query that is no text", '{"query":1}'],
    ["queries of which one has no text", '{"queries":[{"query":"SELECT 1"},{}]}'],
    ["parameters that are no list", '{"query":"SELECT 1","params":{"0":1}}'],
    ["20,000 brackets", "[".repeat(20_000)],
  ])("with 400 %s", async (_what, body) => {
    const response = await post(body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "08P01", message: expect.stringContaining("body") });
  });

  it("with 400 a level of isolation it doesn't know, which could be any SQL", async () => {
    const response = await post('{"queries":[]}', {
      "Neon-Batch-Isolation-Level": "Serializable; DROP TABLE x",
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("Isolation-Level") });
  });

  it("with 400 to answer anything but text", async () => {
    expect((await post('{"query":"SELECT 1"}', { "Neon-Raw-Text-Output": "false" })).status).toBe(400);
  });

  it("with 413 a body of more than 64 MiB, told by its length or not", async () => {
    const tooLong = " ".repeat(64 * 1024 * 1024 + 1);

    expect((await post(tooLong)).status).toBe(413);
    const chunked: RequestInit = {
      method: "POST",
      body: new Blob([tooLong]).stream(),
      duplex: "half",
      headers: { "Neon-Connection-String": gateway.databaseUrl },
    };
    expect((await fetch(gateway.sqlUrl, chunked)).status).toBe(413);
  });

  it("with 507 an answer of more than 64 MiB", async () => {
    expect((await post(`{"query":"SELECT repeat('x', 65 * 1024 * 1024)"}`)).status).toBe(507);
  });

  it("other methods and paths with 404", async () => {
    expect((await fetch(`${gateway.url}/nothing`)).status).toBe(404);
    expect(
      (await fetch(gateway.sqlUrl, { headers: { "Neon-Connection-String": gateway.databaseUrl } })).status,
    ).toBe(404);
  });

  it("answers rows as objects to a client that does not ask for arrays", async () => {
    const response = await post('{"query":"SELECT 1 AS one, $1 AS text","params":["x"]}', {
      "Neon-Array-Mode": "false",
    });

    expect(await response.json()).toMatchObject({ rowAsArray: false, rows: [{ one: "1", text: "x" }] });
  });
});

describe("startGateway", () => {
  it("answers /ping with 204 and /health with 200, to anyone", async () => {
    const { url } = await gatewayForTest();

    expect((await fetch(`${url}/ping`)).status).toBe(204);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it.each([{ postgresPassword: "" }, { postgresPassword: "short" }, { influxToken: "" }])(
    "does not start with %j for a secret",
    async (secret) => {
      const options = { port: 0, postgresPassword: PASSWORD, influxToken: TOKEN, log: () => {}, ...secret };

      await expect(startGateway(options)).rejects.toThrow("must have at least 16 characters");
    },
  );

  it("says why it can't start when its database is not there", async () => {
    const databaseUrl = "postgres://me:hunter2@127.0.0.1:1/db";

    const failure = openGateway({ databaseUrl });

    await expect(failure).rejects.toThrow(/cannot connect to the database: .*ECONNREFUSED/);
    await expect(failure).rejects.not.toThrow(/hunter2/);
  });
});
