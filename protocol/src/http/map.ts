import * as v from "valibot";

const uuid = v.pipe(v.string(), v.uuid("must be a UUID"));
/** A part of the plan's width or height, from its upper left corner. */
const part = v.pipe(v.number(), v.minValue(0, "must be from 0 to 1"), v.maxValue(1, "must be from 0 to 1"));

export const mapImageTypes = ["image/png", "image/jpeg", "image/webp"] as const;

/** What is known of a floor plan; the picture itself is at `/map/image`. */
export const mapImageSchema = v.object({
  content_type: v.picklist(mapImageTypes),
  bytes: v.number(),
  /** SHA-256 of the picture, in hex; its `ETag`, too. */
  digest: v.string(),
  updated_at: v.string(),
});
export type MapImage = v.InferOutput<typeof mapImageSchema>;

export const teamPositionSchema = v.object({
  team_id: v.string(),
  team_name: v.string(),
  x: v.number(),
  y: v.number(),
});
export type TeamPosition = v.InferOutput<typeof teamPositionSchema>;

export const mapResponseSchema = v.object({
  class_id: v.string(),
  /** Null: there is no floor plan. */
  image: v.nullable(mapImageSchema),
  /** Teams that have a place, by their names. */
  positions: v.array(teamPositionSchema),
});

export const positionUpdateSchema = v.strictObject({ x: part, y: part });

export const positionsUpdateSchema = v.strictObject({
  /** All that there are to be: a team that is not named has no place any more. */
  positions: v.pipe(
    v.array(v.strictObject({ team_id: uuid, x: part, y: part })),
    v.maxLength(500),
    v.check(
      (positions) => new Set(positions.map(({ team_id }) => team_id)).size === positions.length,
      "names a team twice",
    ),
  ),
});
