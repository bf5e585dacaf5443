import { enrolmentResponseSchema, groupResponseSchema, rosterReportSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  newClass,
  newInstructor,
  newStudent,
  read,
  refusalOf,
  type TestClass,
} from "../api.ts";

let made: TestClass;
let token: string;

beforeEach(async () => {
  made = await newClass();
  token = (await newInstructor(made)).token;
});

const csv = { "content-type": "text/csv" };
const root = () => `/api/v1/classes/${made.class.id}`;

function send(body: unknown, { search = "", headers = csv, bearer = token }: Options = {}) {
  return call(`${root()}/roster${search}`, { token: bearer, body, headers });
}
interface Options {
  search?: string;
  headers?: Record<string, string>;
  bearer?: string;
}

async function take(body: unknown, options: Options = {}) {
  return read(await send(body, options), rosterReportSchema);
}

async function enrolments() {
  return read(await call(`${root()}/enrolments`, { token }), v.array(enrolmentResponseSchema));
}

/** Ids that no other test uses, as short as people's are. */
const own = () => crypto.randomUUID().slice(0, 13);

describe("a roster", () => {
  it("brings students with their teams and sections, and says so of each row", async () => {
    const [a, b] = [own(), own()];
    const text = `user_id,name,email,team,section,role\n${a},Ada,ADA@x.example,Red,Mon,\n${b},Bob,,Red,Tue,TA\n`;
    expect(await take(text)).toMatchObject({
      dry_run: false,
      created: 2,
      updated: 0,
      unchanged: 0,
      refused: 0,
      new_teams: ["Red"],
      new_sections: ["Mon", "Tue"],
      ignored_columns: [],
      not_named: 0,
      rows: [
        { line: 2, status: "created", user_id: a, student_id: (await newStudent(made, a)).studentId },
        { line: 3, status: "created", user_id: b },
      ],
    });
    expect(await enrolments()).toMatchObject([
      { name: "Ada", email: "ada@x.example", team: "Red", section: "Mon", role: "student", rostered: true },
      { name: "Bob", email: null, team: "Red", section: "Tue", role: "ta", rostered: true },
    ]);
  });

  it("taken again changes what differs, and nothing that it leaves out", async () => {
    const [a, b] = [own(), own()];
    await take(`user_id,name,team\n${a},Ada,Red\n${b},Bob,Red\n`);
    expect(await take(`user_id,name,team\n${a},Ada,Red\n${b},Bob,Red\n`)).toMatchObject({ unchanged: 2 });
    const report = await take(`user_id,section,team\n${a},Mon,\n`);
    expect(report).toMatchObject({ updated: 1, not_named: 1, new_teams: [], new_sections: ["Mon"] });
    const [ada, bob] = await enrolments();
    expect(ada).toMatchObject({ name: "Ada", team: "Red", section: "Mon" });
    expect(bob).toMatchObject({ name: "Bob", team: "Red", section: null });
  });

  it("is only looked at in a dry run", async () => {
    const report = await take(`user_id,team\n${own()},Red\n`, { search: "?dry_run=true" });
    expect(report).toMatchObject({ dry_run: true, created: 1, new_teams: ["Red"] });
    expect(await enrolments()).toEqual([]);
    const teams = await call(`/api/v1/teams?class_id=${made.class.id}`, { token });
    expect(await read(teams, v.array(groupResponseSchema))).toEqual([]);
  });

  it("has rows refused by themselves, with their line, field and reason", async () => {
    const a = own();
    const text = [
      "user_id,name,email,role",
      `${a},Ada,,`,
      ",Nobody,,",
      `${own()},Bob,not an address,`,
      `${a.toUpperCase()},Ada again,,`,
      `${own()},Eve,,headmaster`,
      "",
      `${own()},Fay,,`,
    ].join("\r\n");
    const report = await take(text);
    expect(report).toMatchObject({ created: 2, refused: 4 });
    const refused = report.rows.filter(({ status }) => status === "refused");
    expect(refused.map(({ line, field }) => [line, field])).toEqual([
      [3, "user_id"],
      [4, "email"],
      [5, "user_id"],
      [6, "role"],
    ]);
    expect(refused[2]?.message).toBe("is on line 2 already");
    expect(await enrolments()).toHaveLength(2);
  });

  it("may be a list in JSON", async () => {
    const headers = { "content-type": "application/json" };
    const students = [{ user_id: own(), name: "Ada" }, { user_id: own(), colour: "red" }, 7];
    const report = await take({ students }, { headers });
    expect(report.rows).toMatchObject([
      { line: 1, status: "created" },
      { line: 2, status: "refused", field: "colour" },
      { line: 3, status: "refused", field: "user_id", user_id: null },
    ]);
    const notOne = await send({ pupils: [] }, { headers });
    expect(await refusalOf(notOne)).toMatchObject({ code: "invalid_body", details: [{ field: "students" }] });
  });

  it("keeps the name of a student who is in classes of others", async () => {
    const a = own();
    await take(`user_id,name\n${a},Ada\n`);
    const first = made;
    made = await newClass();
    token = (await newInstructor(made)).token;
    const report = await take(`user_id,name\n${a},Somebody\n`);
    expect(report.rows).toMatchObject([{ status: "created", message: expect.stringContaining("stay") }]);
    expect(await enrolments()).toMatchObject([{ name: "Ada" }]);
    const renamed = await take(`user_id,name\n${a},Ada Lovelace\n`, { bearer: first.admin });
    expect(renamed).toMatchObject({ updated: 1 });
    expect(await enrolments()).toMatchObject([{ name: "Ada Lovelace" }]);
  });
});

describe("a roster as a spreadsheet saves it", () => {
  const utf8 = new TextEncoder();

  it("may begin with a byte order mark, end its lines in any way, and quote what it likes", async () => {
    const text = `\uFEFF"User ID","Full Name"\r"${own()}","Hopper, ""Amazing"" Grace"\r`;
    expect(await take(utf8.encode(text))).toMatchObject({ created: 1 });
    expect(await enrolments()).toMatchObject([{ name: 'Hopper, "Amazing" Grace' }]);
  });

  it("tells the line of a row after one that spans several", async () => {
    const report = await take(`user_id,note\n${own()},"one\ntwo"\n,x\n`);
    expect(report.rows.map(({ line, status }) => [line, status])).toEqual([
      [2, "created"],
      [4, "refused"],
    ]);
    expect(report.ignored_columns).toEqual(["note"]);
  });

  it("may have Japanese headings", async () => {
    const text = `学籍番号,氏名,メールアドレス,チーム,クラス,役割\n${own()},山田　太郎,t@x.example,赤,月曜,学生\n`;
    expect(await take(text)).toMatchObject({ created: 1, new_teams: ["赤"], new_sections: ["月曜"] });
    expect(await enrolments()).toMatchObject([{ team: "赤", section: "月曜", role: "student" }]);
  });

  it("may be Shift_JIS", async () => {
    // 学籍番号,氏名 and 山田
    const heading = [
      0x8a, 0x77, 0x90, 0xd0, 0x94, 0xd4, 0x8d, 0x86, 0x2c, 0x8e, 0x81, 0x96, 0xbc, 0x0d, 0x0a,
    ];
    const name = [0x8e, 0x52, 0x93, 0x63, 0x0d, 0x0a];
    await take(Uint8Array.from([...heading, ...utf8.encode(`${own()},`), ...name]));
    expect(await enrolments()).toMatchObject([{ name: "山田" }]);
  });

  it.for([
    ["UTF-16, least byte first, with tabs", true],
    ["UTF-16, most byte first, with tabs", false],
  ] as const)("may be %s", async ([, isLittle]) => {
    const text = `\uFEFFuser_id\tname\n${own()}\tAda\n`;
    const view = new DataView(new ArrayBuffer(text.length * 2));
    for (let index = 0; index < text.length; index += 1)
      view.setUint16(index * 2, text.charCodeAt(index), isLittle);
    expect(await take(new Uint8Array(view.buffer))).toMatchObject({ created: 1 });
    expect(await enrolments()).toMatchObject([{ name: "Ada" }]);
  });

  it("may have semicolons, and the address for an id", async () => {
    const address = `${own()}@x.example`;
    expect(await take(`Name;E-Mail\nLovelace, Ada;${address}\n`)).toMatchObject({ created: 1 });
    expect(await enrolments()).toMatchObject([{ name: "Lovelace, Ada", email: address, user_id: address }]);
  });

  it.for([
    ["says nothing", "", "invalid_body"],
    ["does not name its columns", "1,Ada\n2,Bob\n", "invalid_body"],
    ["has a quote that never ends", 'user_id,name\n1,"Ada\n', "invalid_body"],
    ["is no text", Uint8Array.from([0x75, 0xff, 0xff, 0x0a]), "invalid_encoding"],
    ["has too many rows", `user_id\n${"1\n".repeat(5_001)}`, "invalid_body"],
    ["is too large", `user_id\n${"x".repeat(1024 * 1024)}`, "body_too_large"],
  ] as const)("is refused as a whole where it %s", async ([, body, code]) => {
    expect(await codeOf(await send(body))).toBe(code);
    expect(await enrolments()).toEqual([]);
  });

  it("is refused as anything but CSV or JSON", async () => {
    const headers = { "content-type": "application/xml" };
    expect(await codeOf(await send("<a/>", { headers }))).toBe("unsupported_media_type");
  });

  it("with two thousand students is taken, and the next one is not", async () => {
    const prefix = own();
    const lines = Array.from(
      { length: 2_001 },
      (_, index) => `${prefix}-${index},S ${index},Team ${index % 40},Mon`,
    );
    const report = await take(`user_id,name,team,section\n${lines.join("\n")}\n`);
    expect(report).toMatchObject({ created: 2_000, refused: 1 });
    expect(report.rows.at(-1)).toMatchObject({ status: "refused", field: "user_id" });
  });
});

it("a student, a stranger and an assistant may not bring one", async () => {
  const student = await newStudent(made);
  const stranger = await newInstructor(await newClass());
  expect(await codeOf(await send("user_id\nx\n", { bearer: student.token }))).toBe("forbidden");
  expect(await codeOf(await send("user_id\nx\n", { bearer: stranger.token }))).toBe("class_not_found");
});
