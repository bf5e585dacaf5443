import { groupResponseSchema, mapResponseSchema, teamPositionSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
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
import { forge } from "../forge.ts";

let made: TestClass;
let token: string;
let root: string;

beforeAll(async () => {
  made = await newClass();
  token = (await newInstructor(made)).token;
  root = `/api/v1/classes/${made.class.id}/map`;
});

async function newTeam(name: string, { admin, class: { id } } = made): Promise<string> {
  const response = await call("/api/v1/teams", { token: admin, body: { class_id: id, name } });
  return (await read(response, groupResponseSchema)).id;
}
const put = (path: string, body: unknown, bearer = token) =>
  call(`${root}${path}`, { method: "PUT", token: bearer, body });
const positions = async () =>
  (await read(await call(root, { token }), mapResponseSchema)).positions.map(({ team_name, x, y }) => [
    team_name,
    x,
    y,
  ]);

describe("the teams of a class", () => {
  it("are placed all at once, and who is not named has no place any more", async () => {
    const [left, right] = [await newTeam("Left"), await newTeam("Right")];
    const placed = await put("/positions", {
      positions: [
        { team_id: right, x: 1, y: 0.5 },
        { team_id: left, x: 0, y: 0.25 },
      ],
    });
    expect(await read(placed, v.array(teamPositionSchema))).toEqual([
      { team_id: left, team_name: "Left", x: 0, y: 0.25 },
      { team_id: right, team_name: "Right", x: 1, y: 0.5 },
    ]);
    await put("/positions", { positions: [{ team_id: right, x: 0.1, y: 0.2 }] });
    expect(await positions()).toEqual([["Right", 0.1, 0.2]]);
  });

  it("are placed, moved and taken off one by one", async () => {
    await put("/positions", { positions: [] });
    const team = await newTeam("Window");
    await put(`/positions/${team}`, { x: 0.3, y: 0.4 });
    await put(`/positions/${team}`, { x: 0.5, y: 0.6 });
    expect(await positions()).toEqual([["Window", 0.5, 0.6]]);
    const remove = () => call(`${root}/positions/${team}`, { method: "DELETE", token });
    expect(await read(await remove(), teamPositionSchema)).toMatchObject({ team_id: team, x: 0.5 });
    expect(await positions()).toEqual([]);
    expect(await codeOf(await remove())).toBe("not_found");
  });

  it("stay where they are when one that is named is not the class's, or is named twice", async () => {
    const [own, other] = [await newTeam("Door"), await newTeam("Theirs", await newClass())];
    await put("/positions", { positions: [{ team_id: own, x: 0.7, y: 0.8 }] });
    for (const team_id of [other, crypto.randomUUID(), own]) {
      const both = [
        { team_id: own, x: 0, y: 0 },
        { team_id, x: 0, y: 0 },
      ];
      const refusal = await refusalOf(await put("/positions", { positions: both }));
      expect(refusal).toMatchObject({
        code: "invalid_body",
        details: [{ field: expect.stringContaining("positions") }],
      });
    }
    expect(await codeOf(await put(`/positions/${other}`, { x: 0, y: 0 }))).toBe("not_found");
    expect(await positions()).toEqual([["Door", 0.7, 0.8]]);
  });

  it.for([{ x: -0.01, y: 0 }, { x: 0, y: 1.01 }, { x: 0 }, { x: "0", y: 0 }, { x: 0, y: 0, z: 0 }])(
    "are nowhere but on the plan: %j",
    async (body) => {
      const team = await newTeam(`Team ${crypto.randomUUID()}`);
      expect(await codeOf(await put(`/positions/${team}`, body))).toBe("invalid_body");
    },
  );

  it("are looked at by teaching assistants, placed by instructors, and no matter of students", async () => {
    const ta = await forge(made.class.id, { claims: { role: "ta" } });
    const student = (await newStudent(made)).token;
    expect((await call(root, { token: made.admin })).status).toBe(200);
    expect(await codeOf(await put("/positions", { positions: [] }, ta))).toBe("forbidden");
    expect(await codeOf(await call(root, { token: student }))).toBe("forbidden");
  });
});
