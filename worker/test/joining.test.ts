import { classResponseSchema, joinCodeSchema, studentCredentialSchema } from "@cell-monitor/protocol";
import { describe, expect, it } from "vitest";
import {
  call,
  codeOf,
  logged,
  newClass,
  newEvent,
  newInstructor,
  newStudent,
  post,
  read,
  refusalOf,
} from "./api.ts";
import { execute } from "./database.ts";

const join = (joinCode: string | null, body: object = {}, headers = {}, env = {}) =>
  call("/api/v1/auth/join", { body: { joinCode, name: "Ada", ...body }, headers, env });

describe("joining again", () => {
  it("with what the device got before is the same student, under the name given now", async () => {
    const made = await newClass();
    const first = await read(await join(made.class.join_code), studentCredentialSchema);
    const { refreshToken } = first;
    const second = await read(
      await join(made.class.join_code, { name: "Ada L.", refreshToken }),
      studentCredentialSchema,
    );
    expect(second.studentId).toBe(first.studentId);
    await post(second.token, newEvent());
    expect(await logged(made.class.id)).toMatchObject([{ s: first.studentId, e: { userName: "Ada L." } }]);
  });

  it("makes another student where the token is of another class, of another kind, void or nonsense", async () => {
    const made = await newClass();
    const code = made.class.join_code;
    const other = await newStudent(await newClass());
    const first = await read(await join(code), studentCredentialSchema);
    await call(`/api/v1/classes/${made.class.id}/students/${first.studentId}/revoke`, {
      method: "POST",
      token: made.admin,
    });
    for (const refreshToken of [other.refreshToken, first.token, first.refreshToken, "nonsense", made.key]) {
      const again = await read(await join(code, { refreshToken }), studentCredentialSchema);
      expect([first.studentId, other.studentId]).not.toContain(again.studentId);
    }
  });
});

describe("a class that takes nobody in", () => {
  it("says so to who has its code, and keeps who is in it", async () => {
    const made = await newClass();
    const before = await read(await join(made.class.join_code), studentCredentialSchema);
    await execute("UPDATE classes SET join_open = false WHERE id = $1", [made.class.id]);
    const refused = await refusalOf(await join(made.class.join_code));
    expect(refused).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("ask its instructor"),
    });
    expect(await post(before.token, newEvent())).toMatchObject({ accepted: 1 });
  });
});

describe("another join code", () => {
  it("takes the old one's place at once, and leaves who has joined", async () => {
    const made = await newClass();
    const { token } = await newInstructor(made);
    const old = made.class.join_code;
    const before = await read(await join(old), studentCredentialSchema);
    const path = `/api/v1/classes/${made.class.id}/join-code`;
    const response = await call(path, { method: "POST", token });
    expect(response.status).toBe(201);
    const { join_code: code } = await read(response, joinCodeSchema);
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
    expect(await codeOf(await join(old))).toBe("class_not_found");
    expect((await join(code)).status).toBe(200);
    expect(await post(before.token, newEvent())).toMatchObject({ accepted: 1 });
    const shown = await call(`/api/v1/classes/${made.class.id}`, { token });
    expect((await read(shown, classResponseSchema)).join_code).toBe(code);
  });

  it("is not a student's to make, nor another class's instructor's", async () => {
    const made = await newClass();
    const path = `/api/v1/classes/${made.class.id}/join-code`;
    const student = await newStudent(made);
    const stranger = await newInstructor(await newClass());
    expect(await codeOf(await call(path, { method: "POST", token: student.token }))).toBe("forbidden");
    expect(await codeOf(await call(path, { method: "POST", token: stranger.token }))).toBe("class_not_found");
  });
});

describe("a wrong code", () => {
  it("is answered with what it cannot be, where it holds what no code does", async () => {
    expect((await refusalOf(await join("KATE482O"))).message).toContain("no 0, O, 1, I or L");
    expect((await refusalOf(await join("KATE4827"))).message).not.toContain("no 0, O");
  });

  it("may be tried so often from one address, and then nothing may; other addresses are none the worse", async () => {
    const made = await newClass();
    const env = { LIMIT_SCALE: "0.01" };
    const here = { "cf-connecting-ip": "2001:db8:1:2::1" };
    const neighbour = { "cf-connecting-ip": "2001:db8:1:2::99" };
    const elsewhere = { "cf-connecting-ip": "192.0.2.1" };
    for (let tried = 0; tried < 3; tried += 1) {
      expect(await codeOf(await join("WRONGCOD", {}, here, env))).toBe("class_not_found");
    }
    const refused = await join(made.class.join_code, {}, here, env);
    expect(refused.headers.get("ratelimit-policy")).toBe('"wrong-codes";q=3;w=300');
    expect(await codeOf(refused)).toBe("rate_limited");
    expect(await codeOf(await join(made.class.join_code, {}, neighbour, env))).toBe("rate_limited");
    expect((await join(made.class.join_code, {}, elsewhere, env)).status).toBe(200);
  });

  it("costs nobody anything who has the right one: a school is behind one address", async () => {
    const made = await newClass();
    const headers = { "cf-connecting-ip": "192.0.2.2" };
    const env = { LIMIT_SCALE: "0.01" };
    for (let joined = 0; joined < 8; joined += 1) {
      expect((await join(made.class.join_code, {}, headers, env)).status).toBe(200);
    }
  });
});

it("so many join with one code in a minute, wherever they come from", async () => {
  const made = await newClass();
  const env = { LIMIT_SCALE: "0.003" };
  const from = (index: number) => ({ "cf-connecting-ip": `192.0.2.${100 + index}` });
  for (let joined = 0; joined < 3; joined += 1) {
    expect((await join(made.class.join_code, {}, from(joined), env)).status).toBe(200);
  }
  expect(await codeOf(await join(made.class.join_code, {}, from(4), env))).toBe("rate_limited");
});
