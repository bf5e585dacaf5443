import {
  accept,
  cellListQuerySchema,
  classCellSchema,
  classErrorSchema,
  errorListQuerySchema,
  overviewResponseSchema,
  refuse,
  timelineQuerySchema,
  timelineResponseSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { sectionsOf } from "../auth/claims.ts";
import { timelineSpan } from "../insight/timeline-span.ts";
import { seesPseudonymsOnly } from "../privacy/pseudonyms.ts";
import { listCells, listErrors } from "../queries/insight/cells.ts";
import { findOverview } from "../queries/insight/overview.ts";
import { findTimeline } from "../queries/insight/timeline.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const about = {
  method: "get",
  tag: "insight",
  policy: { kind: "roles", roles: ["instructor", "ta", "admin", "researcher"], classParameter: "classId" },
} as const;
const noSuchClass = refuse("class_not_found", "There is no such class.");

const overview = defineRoute({
  ...about,
  path: "/api/v1/classes/:classId/overview",
  summary: "A class in figures, as of a few seconds ago",
  description:
    "A live connection shows it as of now. To a teaching assistant of sections, their students alone.",
  answer: { status: 200, schema: overviewResponseSchema },
  async handle({ db, who, params: { classId } }) {
    const found = await findOverview(db, { classId, sections: sectionsOf(who, classId) });
    return found ? accept(answered(found)) : noSuchClass;
  },
});

const cells = defineRoute({
  ...about,
  path: "/api/v1/classes/:classId/cells",
  summary: "How a class did on each of its cells, in the order of its notebooks",
  query: cellListQuerySchema,
  answer: { status: 200, schema: v.array(classCellSchema), isList: true },
  async handle({ db, who, params: { classId }, query: { skip, limit, from, to, notebook_id } }) {
    const seen = { classId, sections: sectionsOf(who, classId) };
    const found = await listCells(db, seen, { from, to, notebook_id }, { skip, limit });
    return found ? accept(answered(found.rows, { total: found.total })) : noSuchClass;
  },
});

const errors = defineRoute({
  ...about,
  path: "/api/v1/classes/:classId/errors",
  summary: "The mistakes of a class, like with like, what most students made first",
  query: errorListQuerySchema,
  answer: { status: 200, schema: v.array(classErrorSchema), isList: true },
  async handle({ db, who, params: { classId }, query: { skip, limit, from, to } }) {
    const seen = { classId, sections: sectionsOf(who, classId) };
    const found = await listErrors(db, seen, { from, to }, { skip, limit });
    if (!found) return noSuchClass;
    // What a kernel says may name anybody.
    const isBlind = seesPseudonymsOnly(who, classId);
    const shown = found.rows.map((row) => (isBlind ? { ...row, message: null } : row));
    return accept(answered(shown, { total: found.total }));
  },
});

const timeline = defineRoute({
  ...about,
  path: "/api/v1/classes/:classId/timeline",
  summary: "What happened in a class, minute by minute, hour by hour or day by day",
  query: timelineQuerySchema,
  answer: { status: 200, schema: timelineResponseSchema },
  async handle({ db, who, params: { classId }, query }) {
    const span = timelineSpan(query, Date.now());
    if (!span.ok) return span;
    const found = await findTimeline(db, { classId, sections: sectionsOf(who, classId) }, span.value);
    return found ? accept(answered(found)) : noSuchClass;
  },
});

export const insightRoutes: readonly Route[] = [overview, cells, errors, timeline];
