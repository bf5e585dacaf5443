import * as v from "valibot";

/** The answer of join, mint and refresh. `token` lives for minutes, `refreshToken` until it is revoked. */
export const studentCredentialSchema = v.object({
  token: v.string(),
  refreshToken: v.string(),
  /** Of `token`, ISO 8601. */
  expiresAt: v.string(),
  studentId: v.string(),
  classId: v.string(),
});
export type StudentCredential = v.InferOutput<typeof studentCredentialSchema>;
