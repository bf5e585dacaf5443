import { type RosterReport, type RosterRow, rosterRowSchema, studentIdOf } from "@cell-monitor/protocol";
import * as v from "valibot";
import type { RawRoster, RawRow } from "./read-csv.ts";

export const rosterLimits = { students: 2_000, teams: 500, sections: 200 } as const;

export interface KnownStudent {
  readonly name: string;
  readonly email: string | null;
  /** Whether people wrote it down, as opposed to that events told. */
  readonly rostered: boolean;
  /** In this class; undefined: not at all. */
  readonly place?: Place & { readonly rostered: boolean };
  /** Whether they are in classes that the asker has nothing to do with. */
  readonly isShared: boolean;
}

interface Place {
  readonly team: string | null;
  readonly section: string | null;
  readonly role: NonNullable<RosterRow["role"]>;
}

/** What a class has before a roster is taken in. */
export interface KnownClass {
  readonly students: ReadonlyMap<string, KnownStudent>;
  readonly teams: ReadonlySet<string>;
  readonly sections: ReadonlySet<string>;
  /** Students on its roster. */
  readonly rostered: number;
}

interface PlannedStudent extends Place {
  readonly id: string;
  readonly subject: string;
  /** Null: as it is. */
  readonly name: string | null;
  readonly email: string | null;
}

export interface RosterPlan {
  readonly report: Omit<RosterReport, "dry_run">;
  readonly students: readonly PlannedStudent[];
}

type ReportRow = RosterReport["rows"][number];

/** Says of each row what it would change, and what is to be written for all of them. */
export function planRoster(roster: RawRoster, known: KnownClass, issuer: string): RosterPlan {
  const planning = new Planning(known, issuer);
  const rows = roster.rows.map((row) => planning.take(row));
  const count = (status: ReportRow["status"]) => rows.filter((row) => row.status === status).length;
  return {
    students: planning.students,
    report: {
      created: count("created"),
      updated: count("updated"),
      unchanged: count("unchanged"),
      refused: count("refused"),
      new_teams: [...planning.teams.made],
      new_sections: [...planning.sections.made],
      ignored_columns: [...roster.ignoredColumns],
      not_named: planning.notNamed(),
      rows,
    },
  };
}

/** Names of one kind: those there are, and those the roster adds. */
class Names {
  readonly made = new Set<string>();
  readonly #known: ReadonlySet<string>;
  readonly #most: number;

  constructor(known: ReadonlySet<string>, most: number) {
    this.#known = known;
    this.#most = most;
  }

  hasRoomFor(name: string | undefined): boolean {
    return name === undefined || this.#isThere(name) || this.#known.size + this.made.size < this.#most;
  }

  add(name: string | undefined): void {
    if (name !== undefined && !this.#isThere(name)) this.made.add(name);
  }

  #isThere(name: string): boolean {
    return this.#known.has(name) || this.made.has(name);
  }
}

class Planning {
  readonly students: PlannedStudent[] = [];
  readonly teams: Names;
  readonly sections: Names;
  readonly #known: KnownClass;
  readonly #issuer: string;
  readonly #lineOf = new Map<string, number>();
  #rostered: number;

  constructor(known: KnownClass, issuer: string) {
    this.#known = known;
    this.#issuer = issuer;
    this.#rostered = known.rostered;
    this.teams = new Names(known.teams, rosterLimits.teams);
    this.sections = new Names(known.sections, rosterLimits.sections);
  }

  take({ line, values }: RawRow): ReportRow {
    const parsed = v.safeParse(rosterRowSchema, values);
    const userId = v.parse(
      v.fallback(v.object({ user_id: v.nullable(v.string()) }), { user_id: null }),
      values,
    );
    if (!parsed.success) {
      const [issue] = parsed.issues;
      const message = userId.user_id === null ? "says no user_id" : issue.message;
      const field = userId.user_id === null ? "user_id" : (v.getDotPath(issue) ?? "");
      return { line, status: "refused", ...userId, student_id: null, field, message };
    }
    const row = parsed.output;
    const id = studentIdOf(this.#issuer, row.user_id);
    const about = { line, user_id: row.user_id, student_id: id };
    const reason = this.#reasonAgainst(row, id);
    if (reason) return { ...about, status: "refused", ...reason };
    this.#lineOf.set(id, line);
    return { ...about, ...this.#place(row, id) };
  }

  /** Students on the class's roster of whom no row told. */
  notNamed(): number {
    let count = 0;
    for (const [id, { place }] of this.#known.students) {
      if (place?.rostered && !this.#lineOf.has(id)) count += 1;
    }
    return count;
  }

  #reasonAgainst(row: RosterRow, id: string): Pick<ReportRow, "field" | "message"> | undefined {
    const before = this.#lineOf.get(id);
    if (before !== undefined) return { field: "user_id", message: `is on line ${before} already` };
    const isOn = this.#known.students.get(id)?.place?.rostered ?? false;
    if (!isOn && this.#rostered >= rosterLimits.students) {
      return { field: "user_id", message: `a class has at most ${rosterLimits.students} students` };
    }
    if (!this.teams.hasRoomFor(row.team)) {
      return { field: "team", message: `a class has at most ${rosterLimits.teams} teams` };
    }
    if (!this.sections.hasRoomFor(row.section)) {
      return { field: "section", message: `a class has at most ${rosterLimits.sections} sections` };
    }
    return undefined;
  }

  #place(row: RosterRow, id: string): Pick<ReportRow, "status" | "message"> {
    const known = this.#known.students.get(id);
    const { place } = known ?? {};
    const isNamedByOthers = known !== undefined && known.rostered && known.isShared;
    const name = isNamedByOthers ? null : (row.name ?? null);
    const email = isNamedByOthers ? null : (row.email ?? null);
    const wanted: PlannedStudent = {
      id,
      subject: row.user_id,
      name,
      email,
      team: row.team ?? place?.team ?? null,
      section: row.section ?? place?.section ?? null,
      role: row.role ?? place?.role ?? "student",
    };
    const isKept = isNamedByOthers && isNamedOtherwise(row, known);
    const note = isKept ? { message: "in other classes, too: the name and the address stay" } : {};
    if (known !== undefined && place?.rostered === true && isAsKnown(wanted, known, place)) {
      return { status: "unchanged", ...note };
    }
    this.teams.add(row.team);
    this.sections.add(row.section);
    this.students.push(wanted);
    if (place?.rostered !== true) this.#rostered += 1;
    return { status: place === undefined ? "created" : "updated", ...note };
  }
}

function isNamedOtherwise(row: RosterRow, known: KnownStudent): boolean {
  return (
    (row.name !== undefined && row.name !== known.name) ||
    (row.email !== undefined && row.email !== known.email)
  );
}

function isAsKnown(wanted: PlannedStudent, known: KnownStudent, place: Place): boolean {
  return (
    known.rostered &&
    (wanted.name ?? known.name) === known.name &&
    (wanted.email ?? known.email) === known.email &&
    wanted.team === place.team &&
    wanted.section === place.section &&
    wanted.role === place.role
  );
}
