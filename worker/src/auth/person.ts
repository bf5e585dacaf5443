import type { Teacher } from "../queries/people.ts";
import type { NewToken } from "./claims.ts";

/** What a person's tokens say of them: who they are, and what in which class. */
export function personClaims(teacher: Teacher): Omit<NewToken, "use"> {
  const { id, name, role, token_epoch: epoch, classes } = teacher;
  const others = classes.filter((membership) => membership.role !== role);
  const confined = classes.flatMap(({ id, sections }) => (sections ? [[id, sections] as const] : []));
  return {
    sub: id,
    role,
    name,
    epoch,
    cls: Object.fromEntries(classes.map(({ id, key_version }) => [id, key_version])),
    ...(others.length > 0 && { as: Object.fromEntries(others.map(({ id, role }) => [id, role])) }),
    ...(confined.length > 0 && { sec: Object.fromEntries(confined) }),
  };
}
