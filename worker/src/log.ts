/** Tells who runs the deployment of something that its users cannot mend. Never a secret, never what a student does. */
export function warn(message: string, details: Readonly<Record<string, unknown>>): void {
  console.warn(JSON.stringify({ message, ...details }));
}
