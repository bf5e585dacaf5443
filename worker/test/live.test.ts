import {
  liveSubprotocol,
  loginLinkResponseSchema,
  studentStatus,
  defaultThresholds,
  ticketSchema,
} from "@cell-monitor/protocol";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  origin,
  post,
  read,
  type TestClass,
} from "./api.ts";
import { forge } from "./forge.ts";
import { type Dashboard, dashboardOn, upgrade } from "./watch.ts";

let made: TestClass;
let path: string;
let instructor: { id: string; token: string };

async function prepare() {
  made = await newClass();
  path = `/api/v1/live/${made.class.id}`;
  instructor = await newInstructor(made);
}

const open: Dashboard[] = [];
async function watch(search = "", token = instructor.token): Promise<Dashboard> {
  const dashboard = dashboardOn(await upgrade(path + search, token));
  open.push(dashboard);
  return dashboard;
}
afterEach(() => {
  for (const dashboard of open.splice(0)) dashboard.close();
});

async function ticketFor(token: string): Promise<string> {
  return (await read(await call("/api/v1/auth/ticket", { method: "POST", token }), ticketSchema)).ticket;
}

async function cookieFor({ class: { id }, admin }: TestClass, instructorId: string): Promise<string> {
  const body = { instructor_id: instructorId };
  const link = await call(`/api/v1/classes/${id}/login-links`, { token: admin, body });
  const secret = new URL((await read(link, loginLinkResponseSchema)).url).hash.slice(1);
  const response = await call("/api/v1/auth/login-link/redeem", { body: { secret } });
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

describe("an upgrade", () => {
  beforeAll(prepare);

  it("with a bearer among the subprotocols is answered with ours, and never the bearer", async () => {
    const response = await upgrade(path, instructor.token);
    open.push(dashboardOn(response));
    expect(response.status).toBe(101);
    expect(response.headers.get("sec-websocket-protocol")).toBe(liveSubprotocol);
    expect(JSON.stringify([...response.headers])).not.toContain(instructor.token);
  });

  it("in an authorization header is let in too, without a subprotocol that nobody asked for", async () => {
    const response = await call(path, { token: instructor.token, headers: { upgrade: "websocket" } });
    open.push(dashboardOn(response));
    expect(response.headers.has("sec-websocket-protocol")).toBe(false);
  });

  it("with a session's cookie is let in from our own origin, and from no other", async () => {
    const cookie = await cookieFor(made, instructor.id);
    const headers = { upgrade: "websocket", "sec-websocket-protocol": liveSubprotocol, cookie };
    const own = await call(path, { headers: { ...headers, origin } });
    open.push(dashboardOn(own));
    expect(own.headers.get("sec-websocket-protocol")).toBe(liveSubprotocol);
    for (const wrong of ["https://evil.example", "null", `${origin}.evil.example`, "http://class.example"]) {
      expect(await codeOf(await call(path, { headers: { ...headers, origin: wrong } }))).toBe(
        "origin_refused",
      );
    }
    expect(await codeOf(await call(path, { headers }))).toBe("origin_refused");
  });

  it("with a ticket is let in once", async () => {
    const ticket = await ticketFor(instructor.token);
    open.push(dashboardOn(await upgrade(path, ticket)));
    expect(await codeOf(await upgrade(path, ticket))).toBe("token_expired");
  });

  it("with a ticket is let in for one of two that come at the same time", async () => {
    const ticket = await ticketFor(instructor.token);
    const responses = await Promise.all([upgrade(path, ticket), upgrade(path, ticket)]);
    expect(responses.map(({ status }) => status).sort((a, b) => a - b)).toEqual([101, 401]);
    for (const response of responses) if (response.webSocket) open.push(dashboardOn(response));
  });

  it("with a ticket that stands in a header is refused", async () => {
    const ticket = await ticketFor(instructor.token);
    expect(await codeOf(await call(path, { token: ticket, headers: { upgrade: "websocket" } }))).toBe(
      "unauthenticated",
    );
  });

  it.for<[string, object, string]>([
    ["an expired token", { exp: Math.floor(Date.now() / 1000) - 60 }, "token_expired"],
    ["a class key", { role: "class_key", scopes: ["mint", "ingest"] }, "forbidden"],
    ["a refresh token", { use: "refresh" }, "unauthenticated"],
    ["a session that is no cookie", { use: "session" }, "unauthenticated"],
    ["a token of another class", { cls: { [crypto.randomUUID()]: 1 } }, "class_not_found"],
  ])("is refused with %s", async ([, claims, code]) => {
    const token = await forge(made.class.id, { claims: { role: "instructor", ...claims } });
    expect(await codeOf(await upgrade(path, token))).toBe(code);
  });

  it("is refused with a token made under older keys of the class", async () => {
    const claims = { cls: { [made.class.id]: 0 } };
    expect(await codeOf(await upgrade(path, await forge(made.class.id, { claims })))).toBe("token_revoked");
  });

  it("is refused without a credential, and for a class that there is not", async () => {
    expect(await codeOf(await call(path, { headers: { upgrade: "websocket" } }))).toBe("unauthenticated");
    expect(await codeOf(await upgrade(`/api/v1/live/${crypto.randomUUID()}`, made.admin))).toBe(
      "class_not_found",
    );
  });

  it("is asked for where there is none", async () => {
    expect(await codeOf(await call(path, { token: instructor.token }))).toBe("upgrade_required");
  });

  it("cannot say itself who holds it", async () => {
    const holder = { role: "instructor", subject: "x", keyVersion: 9, issuedMs: 0, expiresMs: 9e15 };
    const { token } = await newStudent(made);
    const headers = { "x-cell-monitor-holder": JSON.stringify(holder) };
    const dashboard = dashboardOn(await upgrade(path, token, headers));
    open.push(dashboard);
    dashboard.say({ type: "resume", epoch: "", to: 0 });
    expect(await dashboard.next()).toMatchObject({ type: "error", code: "invalid_body" });
  });

  it("under /ws reaches the one class of the credential", async () => {
    const dashboard = dashboardOn(await upgrade("/ws", instructor.token));
    open.push(dashboard);
    expect(await dashboard.next()).toMatchObject({
      type: "snapshot",
      entities: [{ kind: "class", id: made.class.id }, { kind: "lesson" }],
    });
    const two = await forge(made.class.id, {
      claims: { role: "instructor", cls: { [made.class.id]: 1, [crypto.randomUUID()]: 1 } },
    });
    expect(await codeOf(await upgrade("/ws", two))).toBe("forbidden");
    expect(await codeOf(await upgrade("/ws", made.admin))).toBe("forbidden");
  });
});

describe("a dashboard", () => {
  beforeEach(prepare);

  it("is shown the class, and then what changes, from where it was", async () => {
    const { token, studentId } = await newStudent(made);
    await post(token, newEvent());
    const dashboard = await watch();
    const snapshot = await dashboard.next();
    expect(snapshot).toMatchObject({ type: "snapshot", to: 1 });
    await post(token, newEvent({ eventType: "cell_execution_start", cellId: "c1", executionId: "x1" }));
    await dashboard.student(studentId, ({ running }) => running?.executionId === "x1");
    expect(await dashboard.next()).toMatchObject({ type: "patch", from: 1, to: 2 });
  });

  it("is sent the runs of whom it follows, and of nobody else", async () => {
    const [followed, other] = [await newStudent(made), await newStudent(made)];
    const dashboard = await watch();
    await dashboard.next();
    dashboard.say({ type: "subscribe", students: [followed.studentId] });
    // Answered in order: once this is, so is the command before it.
    dashboard.say("garbage");
    expect(await dashboard.next()).toMatchObject({ type: "error" });
    const run = newEvent({ eventType: "cell_execution_complete", cellId: "c1", executionDurationMs: 7 });
    await post(other.token, run);
    await post(followed.token, run);
    await dashboard.student(followed.studentId, ({ runs }) => runs === 1);
    const runs = dashboard.frames.flatMap((frame) =>
      "entities" in frame ? frame.entities.filter(({ kind }) => kind === "run") : [],
    );
    expect(runs).toMatchObject([
      { data: { studentId: followed.studentId, cellId: "c1", status: "ok", durationMs: 7 } },
    ]);
  });

  it("that comes back is sent a patch for what it missed, and a snapshot when that can't be told", async () => {
    const { token } = await newStudent(made);
    await post(token, newEvent());
    const snapshot = await (await watch()).next();
    const epoch = snapshot.type === "snapshot" ? snapshot.epoch : "";
    await post(token, newEvent());
    expect(await (await watch(`?epoch=${epoch}&to=1`)).next()).toMatchObject({
      type: "patch",
      epoch,
      from: 1,
      to: 2,
    });
    for (const search of [
      `?epoch=other&to=1`,
      `?epoch=${epoch}&to=99`,
      `?epoch=${epoch}&to=x`,
      `?epoch=${epoch}&to=-1`,
      "?to=1",
    ]) {
      expect(await (await watch(search)).next()).toMatchObject({ type: "snapshot", to: 2 });
    }
  });

  it.for<unknown>([
    "garbage",
    "",
    "null",
    "[".repeat(20_000),
    { type: "erase" },
    { type: "resume", epoch: 1, to: "x" },
    { type: "subscribe", students: "all" },
    { type: "subscribe", students: Array.from({ length: 9 }, () => "s") },
    { type: "seen", epoch: "e".repeat(65), to: 0 },
  ])("that sends what is no command is told so and stays: %j", async (command) => {
    const dashboard = await watch();
    const snapshot = await dashboard.next();
    dashboard.say(command);
    expect(await dashboard.next()).toMatchObject({ type: "error", code: "invalid_body" });
    dashboard.say({ type: "resume", epoch: "other", to: 0 });
    expect({ ...(await dashboard.next()), at: 0 }).toEqual({ ...snapshot, at: 0 });
  });

  it("is told at once who raises a hand, with what they say, and who lowers it", async () => {
    const { token, studentId } = await newStudent(made);
    const dashboard = await watch();
    await post(
      token,
      newEvent({
        eventType: "help",
        helpId: "h1",
        note: "<b>lost</b>",
        notebookPath: "a.ipynb",
        cellId: "c2",
        cellIndex: 3,
      }),
    );
    const raised = await dashboard.student(studentId, ({ help }) => help !== undefined);
    expect(raised.help).toMatchObject({
      helpId: "h1",
      note: "<b>lost</b>",
      notebook: "a.ipynb",
      cellId: "c2",
      cellIndex: 3,
    });
    expect(studentStatus(raised, defaultThresholds, Date.now())).toBe("help");
    await post(token, newEvent({ eventType: "help_stop", helpId: "h1" }));
    await dashboard.student(studentId, ({ help }) => help === undefined);
  });

  it("sees a student stuck after three errors in a row on one cell", async () => {
    const { token, studentId } = await newStudent(made);
    const dashboard = await watch();
    const fail = (cellId: string, sequence: number) =>
      post(
        token,
        newEvent({
          eventType: "cell_execution_error",
          cellId,
          errorName: "NameError",
          sessionId: "s",
          sequence,
        }),
      );
    const statusAt = async (errors: number) =>
      studentStatus(
        await dashboard.student(studentId, (data) => data.errors === errors),
        defaultThresholds,
        Date.now(),
      );
    await post(token, newEvent({ eventType: "session_start", sessionId: "s", sequence: 1 }));
    await fail("c1", 2);
    await fail("c2", 3);
    await fail("c2", 4);
    expect(await statusAt(3)).toBe("error");
    await fail("c2", 5);
    expect(await statusAt(4)).toBe("stuck");
  });

  it("gets an answer to its ping", async () => {
    const dashboard = await watch();
    await dashboard.next();
    const pong = new Promise((resolve) => {
      dashboard.socket.addEventListener("message", ({ data }) => resolve(data), { once: true });
    });
    dashboard.socket.send("ping");
    expect(await pong).toBe("pong");
  });
});
