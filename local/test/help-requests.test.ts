import { actionAnswerSchema } from "@cell-monitor/protocol";
import * as v from "valibot";
import { expect, it, onTestFinished, vi } from "vitest";

import { Api } from "../src/api.ts";
import { startStack } from "../src/stack.ts";
import { temporaryFolder } from "./temporary.ts";

it("a student's call for help that is resolved is in PostgreSQL with who ended it, and how", async () => {
  const dataDir = temporaryFolder();
  const stack = await startStack({ port: 0, dataDir });
  onTestFinished(() => stack.close());
  const api = new Api(stack.url);
  const raised = {
    eventId: "raised",
    eventType: "help",
    eventTime: new Date().toISOString(),
    helpId: "loop",
  };
  const accepted = v.object({ accepted: v.literal(1) });
  await api.call(accepted, "/events", {
    bearer: stack.studentToken,
    body: { ...raised, note: "Why does it not end?" },
  });
  const path = `/classes/${stack.classId}/help/loop`;
  const bearer = stack.instructorToken;
  await api.call(actionAnswerSchema, `${path}/claim`, { bearer, body: {} });
  await api.call(actionAnswerSchema, `${path}/resolve`, { bearer, body: { note: "An indent was missing." } });
  const { id: instructorId } = await api.call(v.object({ id: v.string() }), "/auth/me", { bearer });
  await vi.waitFor(
    async () => {
      const found = await stack.gateway.query(
        "SELECT note, is_open, close_reason, resolved_by, resolution FROM help_requests WHERE help_id = 'loop'",
      );
      expect(found).toEqual([
        {
          note: "Why does it not end?",
          is_open: "f",
          close_reason: "resolved",
          resolved_by: instructorId,
          resolution: "An indent was missing.",
        },
      ]);
    },
    { timeout: 30_000, interval: 200 },
  );
}, 90_000);
