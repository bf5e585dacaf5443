/** A timestamp as ISO 8601 in UTC. @param column a column or an expression, never anything a client sent */
export function isoTime(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
