import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Sink } from "../../src/sinks/sink.ts";
import { classId, logged, studentIds } from "./events.ts";
import { openPostgres, type PostgresStore, postgresKinds, writeAll } from "./stores.ts";

const place = {
  sessionId: "s1",
  notebookPath: "week1/loops.ipynb",
  cellId: "c1",
  cellIndex: 3,
  cellType: "code",
};

describe.for(postgresKinds)("events as rows of $title", ({ kind, missing }) => {
  describe.skipIf(missing)("written", () => {
    let store: PostgresStore;
    let sink: Sink;

    beforeAll(async () => {
      store = await openPostgres(kind);
      sink = store.sinkFor(classId);
    });
    afterAll(() => store.close());
    beforeEach(() => store.reset(classId));

    const start = logged({
      ...place,
      eventType: "cell_execution_start",
      sequence: 1,
      executionId: "x1",
      eventTime: "2026-04-01T09:00:00.000Z",
      kernelName: "python3",
    });
    const end = logged({
      ...place,
      eventType: "cell_execution_error",
      sequence: 2,
      executionId: "x1",
      eventTime: "2026-04-01T09:00:01.500Z",
      executionDurationMs: 1_234.5,
      executionCount: 7,
      errorName: "KeyError",
      errorMessage: "'a'",
    });

    it("of events that were given one id are kept apart by their numbers, and are one row only without", async () => {
      const given = { sessionId: "s1", eventId: "same" };
      const numbered = [1, 2].map((sequence) => logged({ ...given, sequence, eventType: "quiz" }));
      const starts = [3, 4].map((sequence) =>
        logged({ ...given, sessionId: `t${sequence}`, sequence, eventType: "session_start" }),
      );
      const unnumbered = [logged({ ...given, eventType: "poll" }), logged({ ...given, eventType: "poll" })];
      await writeAll(sink, [...numbered, ...starts, ...unnumbered], numbered);
      const kinds = await store.rows("SELECT event_type FROM progress_events ORDER BY event_type");
      expect(kinds.map(({ event_type }) => event_type)).toEqual(["poll", "quiz", "quiz"]);
      expect(await store.rows("SELECT id FROM sessions WHERE start_event_id = 'same'")).toHaveLength(2);
    });

    it.for([
      { title: "in order", batches: [[start], [end]] },
      { title: "end first", batches: [[end], [start]] },
      { title: "in one batch", batches: [[start, end]] },
      { title: "in one batch, end first", batches: [[end, start]] },
      { title: "again and again", batches: [[start, end, start], [end], [start]] },
    ])("make one run of its start and its end: $title", async ({ batches }) => {
      await writeAll(sink, ...batches);
      const rows = await store.rows(
        `SELECT r.status, r.duration_ms, r.execution_count, r.error_name, r.start_event_id, r.end_event_id,
                r.executed_at = '2026-04-01T09:00:00Z' AS started, r.finished_at = '2026-04-01T09:00:01.5Z' AS finished,
                n.path, n.kernel_name, c.cell_id, c.position, s.session_id
         FROM cell_executions r JOIN notebooks n ON n.id = r.notebook_id JOIN cells c ON c.id = r.cell_id
         JOIN sessions s ON s.id = r.session_id`,
      );
      expect(rows).toEqual([
        {
          status: "error",
          duration_ms: "1234.5",
          execution_count: "7",
          error_name: "KeyError",
          start_event_id: start.event.eventId,
          end_event_id: end.event.eventId,
          started: "t",
          finished: "t",
          path: "week1/loops.ipynb",
          kernel_name: "python3",
          cell_id: "c1",
          position: "3",
          session_id: "s1",
        },
      ]);
    });

    it("keep the start's cell when the end doesn't name it", async () => {
      const bare = logged({
        eventType: "cell_execution_complete",
        executionId: "x1",
        executionDurationMs: 5,
      });
      await writeAll(sink, [bare], [start]);
      const rows = await store.rows(
        "SELECT status, cell_index, c.cell_id FROM cell_executions r JOIN cells c ON c.id = r.cell_id",
      );
      expect(rows).toEqual([{ status: "ok", cell_index: "3", cell_id: "c1" }]);
    });

    it("reckon when a run began from its end, where nothing else tells", async () => {
      await writeAll(sink, [
        logged({
          eventType: "cell_execution_complete",
          executionDurationMs: 2_000,
          eventTime: "2026-04-01T09:00:10Z",
        }),
      ]);
      const rows = await store.rows(
        "SELECT executed_at = '2026-04-01T09:00:08Z' AS reckoned FROM cell_executions",
      );
      expect(rows).toEqual([{ reckoned: "t" }]);
    });

    it("make a student unknown so far, in the class but not on its roster", async () => {
      await writeAll(sink, [
        logged({ eventType: "activity", userName: "Ada", userId: "ada@example.org", teamName: "Blue" }),
      ]);
      const rows = await store.rows(
        `SELECT s.id, s.name, s.email, s.subject, s.rostered AS known, c.rostered, t.name AS team
         FROM students s JOIN student_classes c ON c.student_id = s.id JOIN teams t ON t.id = c.team_id`,
      );
      expect(rows).toEqual([
        {
          id: studentIds[0],
          name: "Ada",
          email: "ada@example.org",
          subject: "ada@example.org",
          known: "f",
          rostered: "f",
          team: "Blue",
        },
      ]);
    });

    it("tell what is newer by time between sessions, and by number within one", async () => {
      const at = (minute: number) => ({ eventTime: `2026-04-01T09:0${minute}:00Z` });
      const run = { eventType: "cell_execution_complete", executionId: "x1" };
      await writeAll(sink, [
        logged({ ...at(5), eventType: "activity", sessionId: "s2", sequence: 1, userName: "newer" }),
        logged({ ...at(1), eventType: "activity", sessionId: "s1", sequence: 9, userName: "older" }),
        logged({ ...at(1), ...run, sessionId: "s1", sequence: 8, status: "ok" }),
        logged({ ...at(2), ...run, sessionId: "s1", sequence: 7, status: "killed" }),
      ]);
      expect(await store.rows("SELECT name, status FROM students, cell_executions")).toEqual([
        { name: "newer", status: "ok" },
      ]);
    });

    it("leave a rostered student's name alone", async () => {
      await store.rows("INSERT INTO students (id, name, rostered) VALUES ($1, 'Augusta Ada King', true)", [
        studentIds[0],
      ]);
      await writeAll(sink, [logged({ eventType: "activity", userName: "ada" })]);
      expect(await store.rows("SELECT name FROM students")).toEqual([{ name: "Augusta Ada King" }]);
    });

    it("keep a student's name where a later one says only what they log in as", async () => {
      const at = (minute: number) => ({ eventTime: `2026-04-01T09:0${minute}:00Z` });
      await writeAll(sink, [logged({ ...at(1), eventType: "activity", userName: "Ada", userId: "al" })]);
      await writeAll(sink, [logged({ ...at(2), eventType: "activity", userId: "ada@example.org" })]);
      expect(await store.rows("SELECT name, subject, email FROM students")).toEqual([
        { name: "Ada", subject: "ada@example.org", email: "ada@example.org" },
      ]);
    });

    it("put a student in the team that people made under that name", async () => {
      const teamId = "0192cccc-0000-7000-8000-000000000001";
      await store.rows("INSERT INTO teams (id, class_id, name) VALUES ($1, $2, 'Blue')", [teamId, classId]);
      await writeAll(sink, [logged({ eventType: "activity", teamName: "Blue" })]);
      expect(await store.rows("SELECT team_id FROM student_classes")).toEqual([{ team_id: teamId }]);
    });

    it("open and end a session", async () => {
      const opened = logged({
        eventType: "session_start",
        sessionId: "s1",
        sequence: 1,
        labVersion: "4.6.4",
      });
      const ended = logged({ eventType: "session_end", sessionId: "s1", sequence: 9, lastSequence: 9 });
      await writeAll(sink, [opened]);
      expect(await store.rows("SELECT is_active, client FROM sessions")).toEqual([
        { is_active: "t", client: '{"labVersion": "4.6.4"}' },
      ]);
      await writeAll(sink, [ended]);
      expect(await store.rows("SELECT is_active, last_sequence, end_details FROM sessions")).toEqual([
        { is_active: "f", last_sequence: "9", end_details: '{"lastSequence": 9}' },
      ]);
    });

    it("record what was done with a notebook", async () => {
      const at = { sessionId: "s1", notebookPath: "week1/loops.ipynb" };
      const opened = logged({ ...at, eventType: "notebook_opened" });
      const saved = logged({ ...at, eventType: "notebook_saved" });
      await writeAll(sink, [opened, saved]);
      const rows = await store.rows(
        `SELECT a.action, n.name, n.last_modified = $1 AS saved FROM notebook_accesses a
         JOIN notebooks n ON n.id = a.notebook_id ORDER BY a.accessed_at`,
        [new Date(saved.timeMs).toISOString()],
      );
      expect(rows).toEqual([
        { action: "open", name: "loops.ipynb", saved: "t" },
        { action: "save", name: "loops.ipynb", saved: "t" },
      ]);
    });

    it("say who ended a request, and how, unless it is raised anew", async () => {
      const raised = logged({ eventType: "help", helpId: "h1" });
      const metadata = { by: "teacher", byName: "Ms Hopper", resolution: "Off by one" };
      // The class makes these: no client's events are admitted as such.
      const made = (eventType: string) => {
        const event = logged({ eventType: "help_stop", helpId: "h1" });
        return { ...event, event: { ...event.event, eventType, metadata } };
      };
      const [claimed, resolved] = [made("help_claim"), made("help_resolve")];
      const standing = () =>
        store.rows("SELECT is_open, close_reason, resolved_by, resolution FROM help_requests");
      const ended = { close_reason: "resolved", resolved_by: "teacher", resolution: "Off by one" };
      await writeAll(sink, [resolved, claimed], [raised]);
      expect(await standing()).toEqual([{ is_open: "f", ...ended }]);
      await writeAll(sink, [logged({ eventType: "help", helpId: "h1" })]);
      expect(await standing()).toEqual([{ is_open: "t", ...ended }]);
    });

    it("keep a raised hand's place through repeats, lower it, and raise it anew", async () => {
      const raised = logged({ eventType: "help", helpId: "h1", note: "stuck on 3" });
      const repeated = logged({ eventType: "help", helpId: "h1" });
      const lowered = logged({ eventType: "help_stop", helpId: "h1", reason: "solved" });
      const again = logged({ eventType: "help", helpId: "h1" });
      const standing = () =>
        store.rows(
          `SELECT is_open, note, close_reason, requested_at = $1 AS "keptPlace" FROM help_requests`,
          [new Date(raised.timeMs).toISOString()],
        );
      await writeAll(sink, [repeated], [raised]);
      expect(await standing()).toEqual([
        { is_open: "t", note: "stuck on 3", close_reason: null, keptPlace: "t" },
      ]);
      await writeAll(sink, [lowered], [repeated]);
      expect(await standing()).toEqual([
        { is_open: "f", note: "stuck on 3", close_reason: "solved", keptPlace: "t" },
      ]);
      await writeAll(sink, [again]);
      expect(await standing()).toMatchObject([{ is_open: "t" }]);
    });

    it("keep an event of any other type with all it carried", async () => {
      const payload = { colour: "red", nested: { list: [1, "two", null] }, choice: "stuck" };
      await writeAll(sink, [logged({ eventType: "quiz_answer", sessionId: "s1", ...payload })]);
      const rows = await store.rows("SELECT event_type, payload FROM progress_events");
      expect(rows.map((row) => ({ ...row, payload: JSON.parse(row["payload"] ?? "") as unknown }))).toEqual([
        { event_type: "quiz_answer", payload },
      ]);
    });

    it.for([
      ["cell_execution_start", {}],
      ["notebook_open", {}],
      ["session_start", {}],
      ["help", {}],
    ] as const)(
      "keep a %s that lacks its own table's key as a progress event",
      async ([eventType, fields]) => {
        await writeAll(sink, [logged({ eventType, ...fields })]);
        expect(await store.rows("SELECT event_type FROM progress_events")).toEqual([
          { event_type: eventType },
        ]);
      },
    );

    it("keep every text as it came, and what is absent absent", async () => {
      const plain = ["a", "a.b:c-d+e_f", "2026-04-01T09:00:00.000Z", "-0", "1e5"];
      const odd = [
        "NULL",
        "null",
        "",
        " ",
        "a b",
        '"',
        "\\",
        '\\"',
        "{}",
        "{1,2}",
        "a,b",
        "\n",
        "é",
        "日本",
        "\u{1F600}",
      ];
      const texts = [undefined, ...plain, ...odd, undefined];
      const run = { eventType: "cell_execution_complete", sessionId: "s1" };
      await writeAll(
        sink,
        texts.map((code, index) => logged({ ...run, sequence: index + 1, executionId: `x${index}`, code })),
      );
      const rows = await store.rows(
        "SELECT code_content FROM cell_executions ORDER BY substr(execution_id, 2)::int",
      );
      expect(rows.map(({ code_content: text }) => text)).toEqual(texts.map((text) => text ?? null));
    });

    it("take what the rows of one batch tell and those of another leave out", async () => {
      const told = { errorName: "KeyError", errorMessage: "'a'", queuedMs: 5, code: "x = 1" };
      const run = { eventType: "cell_execution_error", executionId: "x1", sessionId: "s1" };
      await writeAll(sink, [logged({ ...run, sequence: 1, ...told })], [logged({ ...run, sequence: 2 })]);
      // What comes with the newer end is taken whole; what a run's events know alike stays.
      expect(
        await store.rows("SELECT error_name, error_message, queued_ms, code_content FROM cell_executions"),
      ).toEqual([{ error_name: null, error_message: null, queued_ms: "5", code_content: "x = 1" }]);
    });

    it("tell students apart who send the same ids", async () => {
      const raw = {
        eventType: "cell_execution_complete",
        eventId: "e1",
        executionId: "x1",
        sessionId: "s1",
        sequence: 1,
      };
      await writeAll(sink, [logged(raw, studentIds[0]), logged(raw, studentIds[1])]);
      expect(await store.rows("SELECT count(*) AS runs FROM cell_executions")).toEqual([{ runs: "2" }]);
      expect(await store.rows("SELECT count(*) AS sessions FROM sessions")).toEqual([{ sessions: "2" }]);
    });

    it("bring the time back that a client's wrong clock told, and keep what it told", async () => {
      const late = {
        ...logged({ eventType: "activity", eventTime: "2031-01-01T00:00:00Z" }),
        timeMs: Date.parse("2026-04-01T09:30:00Z"),
      };
      await writeAll(sink, [late]);
      const rows = await store.rows(
        "SELECT event_time = '2026-04-01T09:30:00Z' AS server, client_time = '2031-01-01T00:00:00Z' AS client FROM progress_events",
      );
      expect(rows).toEqual([{ server: "t", client: "t" }]);
    });
  });
});
