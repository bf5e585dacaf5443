import * as oauth from "oauth4webapi";

/** Why somebody is back on the login page; the page has a sentence for each. */
export type LoginFailure =
  | "not_set_up"
  | "unavailable"
  | "cancelled"
  | "expired"
  | "invalid"
  | "unverified_email"
  | "unknown_person"
  | "other_account";

/** What a fault of the flow comes to for who sits before it. */
export function failureOf(error: unknown): LoginFailure {
  if (error instanceof oauth.AuthorizationResponseError) {
    return error.error === "access_denied" ? "cancelled" : "invalid";
  }
  // A code that was used, or is not meant for us.
  if (error instanceof oauth.ResponseBodyError)
    return error.error === "invalid_grant" ? "invalid" : "unavailable";
  if (error instanceof oauth.OperationProcessingError && error.code !== oauth.HTTP_REQUEST_FORBIDDEN) {
    return isAboutProvider(error) ? "unavailable" : "invalid";
  }
  return "unavailable";
}

/** Answers that are none of a provider's, as a proxy before one that is down gives them. */
function isAboutProvider({ code }: oauth.OperationProcessingError): boolean {
  return (
    code === oauth.RESPONSE_IS_NOT_CONFORM ||
    code === oauth.RESPONSE_IS_NOT_JSON ||
    code === oauth.PARSE_ERROR
  );
}
