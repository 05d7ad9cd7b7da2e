/** The service's signature (Ed25519, RFC 8032) in plain JavaScript: pages over http and old phones have no other. */

import { ed25519 } from "@noble/curves/ed25519.js";

import { unbase64 } from "./bytes";

/** Whether a signature over a message was made with the key behind a public key; both in base64. */
export function verifies(publicKey: string, signature: string, message: Uint8Array): boolean {
  try {
    return ed25519.verify(unbase64(signature), message, unbase64(publicKey), { zip215: false });
  } catch {
    return false; // not of the right length, or no point of the curve
  }
}
