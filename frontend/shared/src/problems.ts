/** What went wrong, told apart for the one question that matters: try again, or read what the service says. */

/** The service's answer (RFC 9457): its own sentence in the reader's language, a stable code, facts. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly facts: Record<string, unknown>;
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | null;

  constructor(status: number, body: Record<string, unknown>, retryAfter: string | null = null) {
    super(typeof body.detail === "string" ? body.detail : "");
    this.status = status;
    this.code = typeof body.code === "string" ? body.code : "";
    this.facts = body;
    this.retryAfter = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  }
}

/** The line was lost: nobody knows whether the service heard. */
export class Offline extends Error {
  readonly code = "offline";
}

/** Whether the same thing may well work later, sent again exactly as it is. */
export function isPassing(error: unknown): boolean {
  return error instanceof Offline || (error instanceof Refusal && (error.status >= 500 || error.status === 429));
}

/** For codes a resident can do something about: where to go. `{community}` is filled in by who shows it. */
export const WHAT_NEXT: Readonly<Record<string, { to: string; words: string }>> = {
  not_on_the_roll: { to: "#/register/{community}", words: "next_register" },
  token_invalid: { to: "#/sign-in", words: "next_sign_in" },
  not_signed_in: { to: "#/sign-in", words: "next_sign_in" },
  not_your_community: { to: "#/register/{community}", words: "next_register" },
  not_a_resident_there: { to: "#/register/{community}", words: "next_register" },
  round_closed: { to: "#/", words: "next_home" },
};
