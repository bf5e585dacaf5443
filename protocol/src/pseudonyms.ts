const encoder = new TextEncoder();
const rememberedPseudonyms = 10_000;

/**
 * Names for students that lead nowhere without the class's secret: 16 hex digits of HMAC-SHA-256 of the id. Kept
 * for as long as the returned function is.
 */
export function createPseudonyms(secret: string): (studentId: string) => Promise<string> {
  const key = crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const remembered = new Map<string, Promise<string>>();
  return (studentId) => {
    let pseudonym = remembered.get(studentId);
    if (!pseudonym) {
      if (remembered.size >= rememberedPseudonyms) remembered.clear();
      pseudonym = pseudonymOf(key, studentId);
      remembered.set(studentId, pseudonym);
    }
    return pseudonym;
  };
}

async function pseudonymOf(
  key: ReturnType<typeof crypto.subtle.importKey>,
  studentId: string,
): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", await key, encoder.encode(studentId));
  return Array.from(new Uint8Array(signature, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Those of a class: a pseudonym of one class must not be known again in another. */
export function classPseudonyms(
  pseudonymKey: string,
  classId: string,
): (studentId: string) => Promise<string> {
  return createPseudonyms(`${pseudonymKey}/${classId}`);
}
