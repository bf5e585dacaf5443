import { type Stack, startStack } from "@cell-monitor/local";
import { entitySchema } from "@cell-monitor/protocol";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as v from "valibot";
import { main, run } from "./cli.ts";

const dataDir = mkdtempSync(join(tmpdir(), "cell-monitor-admin-"));
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ port: 0, dataDir, students: 2 });
});
afterAll(async () => {
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** On the stack that runs here, found by its folder alone. */
const on = (...args: string[]) => run([...args, "--data", dataDir, "--json"]);
const shown = (...args: string[]) => run([...args, "--data", dataDir]);

/** A text of what a command answered. */
function text(value: unknown, name: string): string {
  return v.parse(v.looseObject({ [name]: v.string() }), value)[name] ?? "";
}

async function json(...args: string[]): Promise<unknown> {
  const ran = await on(...args);
  expect(ran).toMatchObject({ code: 0 });
  return ran.json();
}

describe("which worker", () => {
  it("is the one that runs on the data folder, without an address or a key", async () => {
    expect(await json("class", "list")).toMatchObject([{ id: stack.classId, class_code: stack.classCode }]);
  });

  it("is the one at an address, with the key or a token from the environment", async () => {
    const at = ["class", "show", stack.classCode, "--url", stack.url, "--json"];
    const elsewhere = { cwd: tmpdir() };
    const denied = await run(at, { ...elsewhere });
    expect(denied.code).toBe(4);
    expect(denied.json()).toMatchObject({ error: { code: "no_credential" } });
    const wrong = await run(at, { ...elsewhere, env: { CELL_MONITOR_ADMIN_KEY: "x".repeat(43) } });
    expect(wrong.json()).toMatchObject({ error: { code: "unauthenticated" } });
    const byToken = await run(at, { ...elsewhere, env: { CELL_MONITOR_TOKEN: stack.instructorToken } });
    expect(byToken.json()).toMatchObject({ id: stack.classId });
  });

  it("that does not answer is said to be so, with a code of its own", async () => {
    const ran = await run(["class", "list", "--url", "http://127.0.0.1:9", "--json"], {
      env: { CELL_MONITOR_TOKEN: "x" },
    });
    expect(ran.code).toBe(5);
    expect(ran.json()).toMatchObject({ error: { code: "unreachable" } });
  });
});

describe("class", () => {
  it("is made, listed, shown by its code, archived and taken up again", async () => {
    const made = await json("class", "create", "--name", "Statistics", "--code", "ST1", "--level", "errors");
    expect(made).toMatchObject({ name: "Statistics", class_code: "ST1", capture_level: "errors" });
    expect((await shown("class", "show", "ST1")).stdout).toContain(text(made, "join_code"));
    const unsaid = await shown("class", "archive", "ST1");
    expect(unsaid).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect(await json("class", "archive", "ST1", "--yes")).toMatchObject({ is_active: false });
    expect(await json("class", "list")).toHaveLength(1);
    expect(await json("class", "list", "--all")).toHaveLength(2);
    expect(await json("class", "archive", "ST1", "--undo")).toMatchObject({ is_active: true });
  });

  it("with a code that is taken, or one that is none, is refused with the field's name", async () => {
    const taken = await on("class", "create", "--name", "x", "--code", stack.classCode);
    expect(taken.code).toBe(6);
    expect(taken.json()).toMatchObject({ error: { code: "conflict", details: [{ field: "class_code" }] } });
    const wrong = await shown("class", "create", "--name", "x", "--code", "no spaces");
    expect(wrong).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining("class_code") });
  });

  it("that there is not ends with a code of its own", async () => {
    expect((await on("class", "show", "NONE")).code).toBe(3);
    expect((await on("class", "show", crypto.randomUUID())).code).toBe(3);
  });
});

describe("roster", () => {
  it("is tried out, taken, and says of each row what became of it", async () => {
    const id = text(await json("class", "create", "--name", "Roster", "--code", "RO1"), "id");
    const file = join(dataDir, "roster.csv");
    writeFileSync(file, "user_id,name,section\nada,Ada Lovelace,A\ngrace,Grace Hopper,B\n,Nobody,A\n");
    const tried = await on("roster", "import", id, file, "--dry-run");
    expect(tried.json()).toMatchObject({ dry_run: true, created: 2, refused: 1 });
    expect(await json("roster", "list", id)).toEqual([]);
    const taken = await shown("roster", "import", id, file);
    expect(taken.code).toBe(7);
    expect(taken.stdout).toMatch(/ada\s|created/);
    expect(await json("roster", "list", id)).toMatchObject([
      { user_id: "ada", name: "Ada Lovelace", section: "A" },
      { user_id: "grace", section: "B" },
    ]);
    const again = await run(["roster", "import", id, "-", "--data", dataDir, "--json"], {
      input: "user_id,name\nada,Ada King\n",
    });
    expect(again).toMatchObject({ code: 0 });
    expect(again.json()).toMatchObject({ updated: 1, created: 0 });
  });

  it("from a file that isn't there changes nothing", async () => {
    expect(await shown("roster", "import", stack.classId, "/no/such/file")).toMatchObject({ code: 2 });
  });
});

describe("key", () => {
  it("is issued, rotated, listed and revoked, and what it minted goes with it", async () => {
    const issued = await json("key", "issue", stack.classId, "--name", "Hub", "--scope", "mint");
    const mint = () =>
      fetch(`${stack.url}/api/v1/auth/student-credential`, {
        method: "POST",
        headers: { authorization: `Bearer ${text(issued, "key")}`, "content-type": "application/json" },
        body: JSON.stringify({ userId: "ada" }),
      });
    expect((await mint()).status).toBe(200);
    const rotated = await json("key", "rotate", stack.classId, text(issued, "id"), "--grace-hours", "24");
    expect(text(rotated, "key")).not.toBe(text(issued, "key"));
    const listed = await shown("key", "list", stack.classId);
    expect(listed.stdout).toContain(text(issued, "id"));
    expect(listed.stdout).not.toContain(text(issued, "key"));
    expect(await json("key", "revoke", stack.classId, text(issued, "id"), "--yes")).toMatchObject({
      id: text(issued, "id"),
    });
    expect((await mint()).status).toBe(401);
  });
});

describe("instructor, ta and login-link", () => {
  it("are added, listed and removed, and log in by a link", async () => {
    const args = [stack.classCode, "ada@example.org", "--name", "Ada"];
    expect(await json("instructor", "add", ...args)).toMatchObject({ role: "instructor" });
    expect(await json("ta", "add", stack.classCode, "tim@example.org", "--name", "Tim")).toMatchObject({
      role: "ta",
    });
    expect((await shown("instructor", "list", stack.classCode)).stdout).toContain("ada@example.org");
    expect(await json("ta", "list", stack.classCode)).toMatchObject([{ email: "tim@example.org" }]);
    const link = await json("login-link", stack.classCode, "ada@example.org");
    expect(text(link, "url")).toMatch(/\/login#/);
    expect(await json("ta", "remove", stack.classCode, "tim@example.org", "--yes")).toMatchObject({
      name: "Tim",
    });
    expect(await json("ta", "list", stack.classCode)).toEqual([]);
    expect((await on("login-link", stack.classCode, "tim@example.org")).code).toBe(3);
  });
});

describe("erase, erasures and consent", () => {
  it("takes a student out of the class once their erasure is confirmed, and keeps the receipt", async () => {
    const id = text(await json("class", "create", "--name", "Privacy", "--code", "PR1"), "id");
    await run(["roster", "import", id, "-", "--data", dataDir], {
      input: "user_id,name\nada,Ada\ntim,Tim\n",
    });
    expect(await shown("erase", id, "ada")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--yes"),
    });
    expect(await json("roster", "list", id)).toHaveLength(2);
    expect((await on("erase", id, "nobody", "--yes")).code).toBe(3);
    const receipt = await json("erase", id, "ada", "--yes");
    expect(receipt).toMatchObject({ class_id: id, erased: { database: expect.anything() } });
    expect(await json("roster", "list", id)).toMatchObject([{ user_id: "tim" }]);
    expect(await json("erasures", id)).toMatchObject([{ id: text(receipt, "id") }]);
    const everywhere = await shown("erase", id, "tim", "--everywhere", "--yes");
    expect(everywhere).toMatchObject({ code: 0, stdout: expect.stringContaining("Receipt") });
    expect(await json("roster", "list", id)).toEqual([]);
  });

  it("shows what students chose", async () => {
    const made = await json("token", "--class", stack.classCode, "--student", "grace");
    const chosen = await fetch(`${stack.url}/api/v1/consent`, {
      method: "PUT",
      headers: { authorization: `Bearer ${text(made, "token")}`, "content-type": "application/json" },
      body: JSON.stringify({ version: 1, choice: "refused" }),
    });
    expect(chosen.status).toBe(200);
    expect(await json("consent", "list", stack.classCode)).toMatchObject([{ choice: "refused", version: 1 }]);
  });
});

describe("export", () => {
  it("puts the whole of a table into a file, or on standard output", async () => {
    const file = join(dataDir, "students.csv");
    const told = await json("export", stack.classId, "--table", "students", "--output", file);
    const records = readFileSync(file, "utf8").trimEnd().split("\r\n");
    expect(told).toMatchObject({ file, format: "csv", rows: records.length - 2 });
    expect(records.at(-1)).toMatch(new RegExp(`^#end,${records.length - 2}\\b`));
    expect(existsSync(`${file}.partial`)).toBe(false);
    for (const format of ["jsonl", "xapi"]) {
      const ran = await shown("export", stack.classId, "--format", format);
      expect(ran).toMatchObject({ code: 0 });
      expect(ran.stdout).not.toBe("");
    }
    expect(await shown("export", stack.classId, "--output", "/no/such/folder/x")).toMatchObject({ code: 2 });
  });

  it("that is cut off fails, and puts nothing under the name that was asked for", async () => {
    const cutting = createServer((request, response) => {
      void (async () => {
        const headers = { authorization: request.headers.authorization ?? "" };
        const answer = await fetch(`${stack.url}${request.url}`, { headers });
        const body = Buffer.from(await answer.arrayBuffer());
        if (request.url?.includes("/export") !== true) response.writeHead(answer.status).end(body);
        else response.writeHead(200).write(body.subarray(0, 10), () => response.destroy());
      })();
    });
    cutting.listen(0, "127.0.0.1");
    await once(cutting, "listening");
    const address = v.parse(v.object({ port: v.number() }), cutting.address());
    const file = join(dataDir, "cut.csv");
    const ran = await run(
      ["export", stack.classId, "--output", file, "--url", `http://127.0.0.1:${address.port}`],
      { env: { CELL_MONITOR_TOKEN: stack.adminToken } },
    );
    cutting.close();
    expect(ran).toMatchObject({ code: 5, stderr: expect.stringContaining("broke off") });
    expect(existsSync(file)).toBe(false);
  });
});

describe("token", () => {
  it("is one that the API takes, of the admin or of somebody in the class", async () => {
    const roleOf = async (bearer: string) => {
      const answer = await fetch(`${stack.url}/api/v1/auth/me`, {
        headers: { authorization: `Bearer ${bearer.trim()}` },
      });
      return text(await answer.json(), "role");
    };
    expect(await roleOf((await shown("token")).stdout)).toBe("admin");
    const person = await shown("token", "--class", stack.classCode, "--person", "ada@example.org");
    expect(await roleOf(person.stdout)).toBe("instructor");
    const student = await json("token", "--class", stack.classCode, "--student", "ada");
    expect(student).toMatchObject({ token: expect.any(String), studentId: expect.any(String) });
    expect(await shown("token", "--student", "ada")).toMatchObject({ code: 2 });
  });
});

describe("lesson", () => {
  it("is started, broken off, resumed and stopped", async () => {
    const id = text(await json("class", "create", "--name", "Lessons", "--code", "LE1"), "id");
    expect((await on("lesson", "stop", id)).code).toBe(3);
    expect(await json("lesson", "start", id, "--title", "Week 1")).toMatchObject({ state: "going_on" });
    expect(await json("lesson", "break", id)).toMatchObject({ state: "break" });
    expect(await json("lesson", "resume", id)).toMatchObject({ state: "going_on" });
    expect(await json("lesson", "stop", id)).toMatchObject({ state: "over" });
  });
});

describe("tail", () => {
  it("shows what changes in a class over its live connection", async () => {
    const { code, stderr } = await run(["tail", stack.classId, "--once", "--data", dataDir]);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("from now on") });
  });

  it("says what a student does the moment they do it, a line of JSON each", async () => {
    const child = spawn(process.execPath, [main, "tail", stack.classId, "--data", dataDir, "--json"]);
    const ended = new Promise((done) => child.on("close", done));
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (more: string) => (printed += more));
    let notes = "";
    child.stderr.setEncoding("utf8").on("data", (more: string) => (notes += more));
    await vi.waitFor(() => expect(notes).toContain("from now on"), { timeout: 20_000 });
    const raised = await fetch(`${stack.url}/api/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${stack.studentToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        eventId: crypto.randomUUID(),
        eventType: "help",
        eventTime: new Date(),
        note: "Stuck!",
      }),
    });
    expect(raised.status).toBe(200);
    await vi.waitFor(() => expect(printed).toContain("Stuck!"), { timeout: 30_000 });
    const lines = printed
      .trim()
      .split("\n")
      .map((line) => v.parse(entitySchema, JSON.parse(line)));
    expect(lines.some((entity) => entity.kind === "student" && entity.data?.help?.note === "Stuck!")).toBe(
      true,
    );
    child.kill();
    await ended;
  });
});

describe("hub-config", () => {
  it("prints what a Hub and its users' image need for a class, and no key", async () => {
    const snippet = await shown("hub-config", stack.classCode, "--key-file", "/srv/key");
    expect(snippet.stdout).toContain(`"${stack.classId}"`);
    expect(snippet.stdout).toContain('Path("/srv/key")');
    expect(snippet.stdout).not.toContain(stack.classKey);
    expect(await json("hub-config", stack.classCode)).toMatchObject({
      overrides: { "cell-monitor:plugin": { serverUrl: stack.url, joinCode: stack.joinCode } },
    });
  });
});

describe("replay dead-letters", () => {
  it("of a class whose stores refused nothing has nothing to do", async () => {
    expect(await json("replay", "dead-letters", stack.classId)).toEqual({ replayed: 0, kept: [] });
  });
});

describe("doctor", () => {
  it("finds nothing wrong with a stack that runs", async () => {
    const finding = v.object({ name: v.string(), status: v.string(), detail: v.string() });
    const schema = v.object({ ok: v.boolean(), findings: v.array(finding) });
    const { ok, findings } = v.parse(schema, await json("doctor"));
    expect({ ok, wrong: findings.filter(({ status }) => status === "wrong") }).toEqual({
      ok: true,
      wrong: [],
    });
    const names = findings.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["node", "worker", "database", "dashboard", "admin"]));
  });

  it("says what is wrong, and ends so", async () => {
    const ran = await run(["doctor", "--url", "http://127.0.0.1:9", "--json"], {
      env: { CELL_MONITOR_TOKEN: "x" },
    });
    expect(ran.code).toBe(1);
    expect(ran.json()).toMatchObject({ ok: false });
  });
});
