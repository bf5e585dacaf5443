import {
  type MapImage,
  mapImageSchema,
  type Result,
  type TeamPosition,
  teamPositionSchema,
} from "@cell-monitor/protocol";
import * as v from "valibot";
import type { Database, Statement } from "./database.ts";
import { isoTime } from "./time.ts";
import { refusingViolations } from "./violations.ts";

const aboutImage = `content_type, octet_length(image) AS bytes, digest, ${isoTime("updated_at")} AS updated_at`;
const position = "p.team_id, t.name AS team_name, p.x, p.y";
const named = "JOIN teams t ON t.class_id = p.class_id AND t.id = p.team_id";

function positionsOf(classId: string): Statement {
  const text = `SELECT ${position} FROM team_positions p ${named} WHERE p.class_id = $1 ORDER BY t.name, t.id`;
  return { text, parameters: [classId] };
}

const positionsSchema = v.array(teamPositionSchema);

export async function findMap(db: Database, classId: string) {
  const [images, positions] = await db.all([
    { text: `SELECT ${aboutImage} FROM classroom_maps WHERE class_id = $1`, parameters: [classId] },
    positionsOf(classId),
  ]);
  const [image = null] = v.parse(v.array(mapImageSchema), images);
  return { image, positions: v.parse(positionsSchema, positions) };
}

const imageContentSchema = v.object({
  ...mapImageSchema.entries,
  /** In base64; null where it is the one that is known. */
  content: v.nullable(v.string()),
});

/** @param known digests of pictures that need not be sent again */
export async function findImage(db: Database, classId: string, known: readonly string[]) {
  const [row] = await db.rows(
    imageContentSchema,
    `SELECT ${aboutImage}, CASE WHEN digest = ANY ($2::text[]) THEN NULL ELSE encode(image, 'base64') END AS content
     FROM classroom_maps WHERE class_id = $1`,
    [classId, known],
  );
  return row;
}

/** @returns undefined where there is no such class */
export async function setImage(
  db: Database,
  classId: string,
  { contentType, content, digest }: { contentType: string; content: string; digest: string },
): Promise<MapImage | undefined> {
  const [row] = await db.rows(
    mapImageSchema,
    `INSERT INTO classroom_maps (class_id, content_type, image, digest)
     SELECT id, $2, decode($3, 'base64'), $4 FROM classes WHERE id = $1
     ON CONFLICT (class_id) DO UPDATE SET content_type = excluded.content_type, image = excluded.image,
       digest = excluded.digest, updated_at = now()
     RETURNING ${aboutImage}`,
    [classId, contentType, content, digest],
  );
  return row;
}

export async function removeImage(db: Database, classId: string): Promise<MapImage | undefined> {
  const text = `DELETE FROM classroom_maps WHERE class_id = $1 RETURNING ${aboutImage}`;
  const [row] = await db.rows(mapImageSchema, text, [classId]);
  return row;
}

interface Place {
  readonly team_id: string;
  readonly x: number;
  readonly y: number;
}

/** A team of another class is none. */
const fields = { team_positions_class_id_team_id_fkey: "positions.team_id" };

/** Has the teams that are named where they are said to be, and no other anywhere. */
export function replacePositions(
  db: Database,
  classId: string,
  places: readonly Place[],
): Promise<Result<TeamPosition[]>> {
  return refusingViolations(async () => {
    const [, , rows] = await db.all([
      { text: "DELETE FROM team_positions WHERE class_id = $1", parameters: [classId] },
      {
        text: `INSERT INTO team_positions (class_id, team_id, x, y)
          SELECT $1, p.* FROM unnest($2::uuid[], $3::float8[], $4::float8[]) p`,
        parameters: [
          classId,
          places.map(({ team_id }) => team_id),
          places.map(({ x }) => x),
          places.map(({ y }) => y),
        ],
      },
      positionsOf(classId),
    ]);
    return v.parse(positionsSchema, rows);
  }, fields);
}

/** @returns undefined where the class has no such team */
export async function setPosition(
  db: Database,
  classId: string,
  { team_id: teamId, x, y }: Place,
): Promise<TeamPosition | undefined> {
  const [row] = await db.rows(
    teamPositionSchema,
    `WITH p AS (
       INSERT INTO team_positions (class_id, team_id, x, y) SELECT class_id, id, $3, $4 FROM teams
       WHERE class_id = $1 AND id = $2
       ON CONFLICT (class_id, team_id) DO UPDATE SET x = excluded.x, y = excluded.y RETURNING *
     ) SELECT ${position} FROM p ${named}`,
    [classId, teamId, x, y],
  );
  return row;
}

/** @returns where the team was; undefined where it had no place */
export async function removePosition(db: Database, classId: string, teamId: string) {
  const [row] = await db.rows(
    teamPositionSchema,
    `WITH p AS (DELETE FROM team_positions WHERE class_id = $1 AND team_id = $2 RETURNING *)
     SELECT ${position} FROM p ${named}`,
    [classId, teamId],
  );
  return row;
}
