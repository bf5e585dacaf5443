import { Random } from "./random.ts";

export interface SimulatedStudent {
  readonly userId: string;
  readonly userName: string;
  readonly teamName: string;
}

const given =
  "Aiko Amara Ana Bilal Chen Daichi Elif Emma Farah Goran Hana Ibrahim Ines Jamal Kaito Lena Liam Mei Nadia Noah Olga Priya Ren Sara Sota Tomas Yui Zoe".split(
    " ",
  );
const family =
  "Abe Ahmed Alvarez Becker Costa Diallo Fischer Garcia Haddad Ito Ivanova Jensen Kato Kim Kowalski Lin Mori Nakamura Nguyen Okafor Patel Rossi Sato Silva Suzuki Tanaka Wang Yilmaz".split(
    " ",
  );
const teamSize = 5;

/** `count` students in teams, no two with the same name. */
export function rosterOf(seed: number, count: number): SimulatedStudent[] {
  const random = new Random(seed, 0x70757069);
  const names = new Set<string>();
  while (names.size < count) names.add(`${random.pick(given)} ${random.pick(family)}`);
  return [...names].map((userName, index) => ({
    userId: `student-${String(index + 1).padStart(3, "0")}@example.org`,
    userName,
    teamName: `Team ${Math.floor(index / teamSize) + 1}`,
  }));
}
