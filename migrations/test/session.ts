import { PGlite } from "@electric-sql/pglite";

import type { MigrationSession } from "../src/index.ts";

let pglite: Promise<PGlite> | undefined;

/** A session of an empty database in memory. One instance serves a whole file: making one takes a second. */
export async function emptySession(): Promise<MigrationSession> {
  pglite ??= PGlite.create();
  const session = sessionOf(await pglite);
  await session.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  return session;
}

/** PGlite keeps several statements apart from one with parameters, which pg's client does not. */
function sessionOf(database: PGlite): MigrationSession {
  return {
    async query(text, params) {
      if (params !== undefined) return database.query(text, params);
      const results = await database.exec(text);
      return results.at(-1) ?? { rows: [] };
    },
  };
}
