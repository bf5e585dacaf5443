import {
  accept,
  mapResponseSchema,
  positionsUpdateSchema,
  positionUpdateSchema,
  refuse,
  teamPositionSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import { findMap, removePosition, replacePositions, setPosition } from "../queries/map.ts";
import { answered } from "./answer.ts";
import { defineRoute } from "./define-route.ts";
import type { Route } from "./route.ts";

const about = { tag: "map" } as const;
const staff = { kind: "roles", roles: ["instructor", "ta", "admin"], classParameter: "classId" } as const;
const owners = { kind: "roles", roles: ["instructor", "admin"], classParameter: "classId" } as const;
const ofTeam = "/api/v1/classes/:classId/map/positions/:teamId";
const noSuchTeam = refuse("not_found", "The class has no such team.");
const noPlace = refuse("not_found", "The team has no place on the map.");

const show = defineRoute({
  ...about,
  method: "get",
  path: "/api/v1/classes/:classId/map",
  summary: "Where the class sits: what is known of its floor plan, and where on it each team is",
  policy: staff,
  answer: { status: 200, schema: mapResponseSchema },
  async handle({ db, params: { classId } }) {
    return accept(answered({ class_id: classId, ...(await findMap(db, classId)) }));
  },
});

const place = defineRoute({
  ...about,
  method: "put",
  path: "/api/v1/classes/:classId/map/positions",
  summary: "Say of all teams at once where they are",
  description: "x and y are parts of the plan's width and height, from its upper left corner.",
  policy: owners,
  body: positionsUpdateSchema,
  answer: { status: 200, schema: v.array(teamPositionSchema) },
  async handle({ db, params: { classId }, body: { positions } }) {
    const placed = await replacePositions(db, classId, positions);
    return placed.ok ? accept(answered(placed.value)) : placed;
  },
});

const placeOne = defineRoute({
  ...about,
  method: "put",
  path: ofTeam,
  summary: "Say where a team is",
  policy: owners,
  body: positionUpdateSchema,
  answer: { status: 200, schema: teamPositionSchema },
  async handle({ db, params: { classId, teamId }, body }) {
    const placed = await setPosition(db, classId, { ...body, team_id: teamId });
    return placed ? accept(answered(placed)) : noSuchTeam;
  },
});

const removeOne = defineRoute({
  ...about,
  method: "delete",
  path: ofTeam,
  summary: "Take a team off the map",
  policy: owners,
  answer: { status: 200, schema: teamPositionSchema },
  async handle({ db, params: { classId, teamId } }) {
    const removed = await removePosition(db, classId, teamId);
    return removed ? accept(answered(removed)) : noPlace;
  },
});

export const mapRoutes: readonly Route[] = [show, place, placeOne, removeOne];
