/**
 * SQL of a UUID to order by instead of an id that says who somebody is: whoever knows who there is could make the ids, and
 * tell by their order who is who.
 * @param key how the statement names a secret
 */
export function mixedOrder(id: string, key: string): string {
  return `substr(encode(sha256(convert_to(${id}::text || ${key}::text, 'UTF8')), 'hex'), 1, 32)::uuid`;
}
