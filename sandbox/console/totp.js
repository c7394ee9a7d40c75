const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HASHES = { SHA1: "SHA-1", SHA256: "SHA-256", SHA512: "SHA-512" };

/** Read an otpauth:// address; returns {secret, digits, period, hash}. */
export function readUri(uri) {
  const query = new URL(uri).searchParams;
  return {
    secret: decode(query.get("secret")),
    digits: Number(query.get("digits") ?? 6),
    period: Number(query.get("period") ?? 30),
    hash: HASHES[query.get("algorithm") ?? "SHA1"],
  };
}

/** Return the code that an authenticator shows at a moment in milliseconds (RFC 6238). */
export async function codeAt({ secret, digits, period, hash }, moment) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(moment / 1000 / period)));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash }, false, ["sign"]);
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter));
  const offset = mac.getUint8(mac.byteLength - 1) & 15;
  const number = (mac.getUint32(offset) & 0x7fffffff) % 10 ** digits;
  return String(number).padStart(digits, "0");
}

function decode(text) {
  let bits = "";
  for (const letter of text.replace(/=+$/, "").toUpperCase()) {
    bits += BASE32.indexOf(letter).toString(2).padStart(5, "0");
  }
  return Uint8Array.from(bits.match(/.{8}/g), (byte) => Number.parseInt(byte, 2));
}
